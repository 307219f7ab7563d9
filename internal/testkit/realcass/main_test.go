package realcass

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"go.uber.org/goleak"
)

// parentVariable makes the test binary act as a process that starts another process.
const parentVariable = "WIDEROW_REALCASS_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(parentVariable) != "" {
		if err := beParent(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// beParent starts a process with the same output, reports it, and waits for it.
func beParent() error {
	child := exec.Command("sleep", "60")
	child.Stdout = os.Stdout
	if err := newSpawner().start(child); err != nil {
		return err
	}
	fmt.Println(started)
	return child.Wait()
}

const started = "started"
