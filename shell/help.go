package shell

func (s *Session) initHelp() {
	s.builtin("help(*object)", "Shows what an object is and how to call it.", func(c *call) (Value, error) { return none, nil })
}
