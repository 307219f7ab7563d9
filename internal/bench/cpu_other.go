//go:build !unix

package bench

import "time"

// clientCPU returns 0: the CPU time is not known on this system.
func clientCPU() time.Duration { return 0 }
