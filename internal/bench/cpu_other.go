//go:build !unix

package bench

import "time"

// clientCPU returns 0: it is not known how to ask this system.
func clientCPU() time.Duration { return 0 }
