package shell

import "go.starlark.net/starlark"

// The syntax tree of a Python 2 text. The parser makes it, and lower.go turns it into Starlark's syntax tree.

type expr interface{ at() position }

type stmt interface{ at() position }

type node struct{ pos position }

func (n node) at() position { return n.pos }

type (
	nameExpr struct {
		node
		name string
	}
	constExpr struct {
		node
		value starlark.Value
	}
	tupleExpr struct {
		node
		list []expr
	}
	listExpr struct {
		node
		list []expr
	}
	setExpr struct {
		node
		list []expr
	}
	dictExpr struct {
		node
		keys, values []expr
	}
	unaryExpr struct {
		node
		op string
		x  expr
	}
	binaryExpr struct {
		node
		op   string
		x, y expr
	}
	boolExpr struct {
		node
		and  bool
		x, y expr
	}
	compareExpr struct {
		node
		first expr
		ops   []string
		rest  []expr
	}
	condExpr struct {
		node
		cond, yes, no expr
	}
	attrExpr struct {
		node
		x    expr
		name string
	}
	indexExpr struct {
		node
		x, index expr
	}
	// sliceExpr is x[lo:hi:step]. A missing part is nil.
	sliceExpr struct {
		node
		x, lo, hi, step expr
	}
	keyword struct {
		name  string
		value expr
	}
	callExpr struct {
		node
		fn           expr
		args         []expr
		keywords     []keyword
		star, double expr
	}
	lambdaExpr struct {
		node
		fn *funcDef
	}
	// compExpr is a comprehension. kind is [ for a list, ( for a generator, { for a set
	// and : for a dictionary. Only a dictionary has a value that is not nil.
	compExpr struct {
		node
		kind       byte
		elt, value expr
		clauses    []compClause
		scope      *scope // nil for a list, which uses the scope around it
	}
	compClause struct {
		pos    position
		target expr // nil for a condition
		x      expr
	}
	yieldExpr struct {
		node
		x expr
	}
	reprExpr struct {
		node
		x expr
	}
)

type (
	exprStmt struct {
		node
		x expr
	}
	assignStmt struct {
		node
		targets []expr
		value   expr
	}
	augStmt struct {
		node
		target expr
		op     string
		value  expr
	}
	delStmt struct {
		node
		targets []expr
	}
	// wordStmt is pass, break or continue.
	wordStmt struct {
		node
		word string
	}
	returnStmt struct {
		node
		x expr
	}
	raiseStmt struct {
		node
		x, value expr
	}
	printStmt struct {
		node
		dest    expr
		values  []expr
		newline bool
	}
	importStmt struct {
		node
		module, as string
	}
	fromStmt struct {
		node
		module    string
		names, as []string // names is * if all names are imported
	}
	// execStmt runs code. If globals and locals are not nil, they hold the names of the code.
	execStmt struct {
		node
		code, globals, locals expr
	}
	assertStmt struct {
		node
		cond, msg expr
	}
	ifStmt struct {
		node
		cond    expr
		yes, no []stmt
	}
	whileStmt struct {
		node
		cond      expr
		body, els []stmt
	}
	forStmt struct {
		node
		target, x expr
		body, els []stmt
	}
	handler struct {
		pos    position
		class  expr // nil for a bare except
		target expr
		body   []stmt
	}
	tryStmt struct {
		node
		body, els, finally []stmt
		handlers           []handler
	}
	withStmt struct {
		node
		x, target expr
		body      []stmt
	}
	defStmt struct {
		node
		fn         *funcDef
		decorators []expr
	}
	classStmt struct {
		node
		name       string
		bases      []expr
		body       []stmt
		doc        starlark.Value
		scope      *scope
		decorators []expr
	}
)

// scope stores what the parser knows of the names of a function, a class or a generator expression.
type scope struct {
	locals  map[string]bool
	globals map[string]bool
	yields  bool
	loops   int
	isFunc  bool
}

// funcDef is a def or a lambda.
type funcDef struct {
	name     string
	pos      position
	params   []string
	nested   []expr // nested stores the target of each parameter that is a tuple
	defaults []expr // the defaults of the last parameters
	star     string
	double   string
	doc      starlark.Value
	body     []stmt
	scope    *scope
	lambda   bool
}
