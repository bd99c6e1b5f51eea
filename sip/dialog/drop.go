package dialog

// Drop forgets a request without an answer: what is due to a source that is banned, which an answer would only
// encourage.
func (t *Transaction) Drop() {
	if t.answer() {
		t.tx.Terminate()
	}
}
