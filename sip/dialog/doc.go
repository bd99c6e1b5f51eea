// Package dialog owns SIP signalling: the stack over sipgo's parser, transport and transactions, and the dialogs above
// it (RFC 3261 section 12).
//
// A Stack serves given sockets. Requests outside dialogs go to its Handler; an INVITE that the Handler opens, and one
// that Invite sends, is a Dialog, whose events go to its Observer. All methods of a Dialog only ask and return at once;
// what came of it arrives as an event or at a callback, on the dialog's own goroutine, which must not be blocked.
// Everything with one Call-ID is handled in the order of the wire.
package dialog
