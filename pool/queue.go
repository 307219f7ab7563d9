package pool

// A queue is a first-in first-out list whose links are in its elements. It does not
// allocate, and removes an element in the middle in constant time.
type queue[T any] struct {
	head, tail *T
	n          int
	// at finds the links of an element that belong to this queue.
	at func(*T) *links[T]
}

type links[T any] struct{ prev, next *T }

func (q *queue[T]) push(e *T) {
	l := q.at(e)
	l.prev, l.next = q.tail, nil
	if q.tail == nil {
		q.head = e
	} else {
		q.at(q.tail).next = e
	}
	q.tail = e
	q.n++
}

// remove takes out e, which must be in q.
func (q *queue[T]) remove(e *T) {
	l := q.at(e)
	if l.prev == nil {
		q.head = l.next
	} else {
		q.at(l.prev).next = l.next
	}
	if l.next == nil {
		q.tail = l.prev
	} else {
		q.at(l.next).prev = l.prev
	}
	l.prev, l.next = nil, nil
	q.n--
}

// next returns the element after e, or nil at the end.
func (q *queue[T]) next(e *T) *T { return q.at(e).next }

// pop removes and returns the first element, or returns nil if the queue is empty.
func (q *queue[T]) pop() *T {
	e := q.head
	if e != nil {
		q.remove(e)
	}
	return e
}
