package thriftserver

import "sync"

// keptBuffer is the size of the largest buffer that is kept for reuse.
const keptBuffer = 256 << 10

// buffers is a pool of buffers for messages and replies.
type buffers struct{ pool sync.Pool }

func (p *buffers) get() *[]byte {
	if b, ok := p.pool.Get().(*[]byte); ok {
		return b
	}
	return new(make([]byte, 0, 4<<10))
}

// put returns a buffer to the pool. The caller must not use it afterwards.
func (p *buffers) put(b *[]byte) {
	if cap(*b) > keptBuffer {
		return
	}
	*b = (*b)[:0]
	p.pool.Put(b)
}
