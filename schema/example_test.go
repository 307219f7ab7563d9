package schema_test

import (
	"fmt"

	"github.com/widerow/widerow/schema"
)

// A definition is plain data: it can be built, compared and changed without a store.
func Example() {
	ks := schema.NewKeyspace("Blog", 3)
	ks.Families = []schema.Family{{
		Name: "Posts", KeyValidator: schema.UTF8Type, Comparator: schema.TimeUUIDType, DefaultValidator: schema.UTF8Type,
		Columns: []schema.Column{{Name: []byte("author"), Validator: schema.UTF8Type, Index: schema.KeysIndex}},
	}}
	fmt.Println(ks.StrategyOptions["replication_factor"])
	posts := ks.Family("Posts")
	fmt.Println(posts.Comparator, posts.IsSuper(), posts.Column([]byte("author")).Index)
	// Output:
	// 3
	// TimeUUIDType false KEYS
}

// Merge shows how a store applies an alteration: attributes that the alteration does not set keep
// their values.
func ExampleFamily_Merge() {
	grace := int32(3600)
	posts := &schema.Family{Name: "Posts", Comparator: schema.UTF8Type, Comment: "of the blog"}
	altered := posts.Merge(&schema.Family{GCGraceSeconds: &grace})
	fmt.Println(altered.Comparator, altered.Comment, *altered.GCGraceSeconds)
	// Output: UTF8Type of the blog 3600
}

// ShortClass makes class names comparable, whether a store writes them short or full.
func ExampleShortClass() {
	fmt.Println(schema.ShortClass("org.apache.cassandra.db.marshal.LongType"))
	// Output: LongType
}
