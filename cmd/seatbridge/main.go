// Command seatbridge is the gateway: it reads the configuration, builds everything, and waits for the signal.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"seatbridge/configs"
	"seatbridge/sip/digest"
)

// version is set by the linker.
var version = "unknown"

const usage = `usage: seatbridge [COMMAND]

  serve [FILE]         start the gateway (the default); without FILE the embedded default is used
  check-config FILE    say what is wrong with a configuration file
  default-config       print the embedded default, with its comments
  ha1 EXTENSION [REALM [md5|sha256]]
                       read a password from standard input and print the ha1 to store for a phone
  status [-once]       show trunks, phones, queues, seats and sessions of a running gateway, each second
  trace SESSION        print the ladder of a session's SIP messages; the beginning of its id is enough
  version              print the version

status and trace ask over HTTP, as an administrator or quality inspector; their flags:
  -url URL             the gateway, by default $SEATBRIDGE_URL or http://127.0.0.1:8080
  -user USER           by default $SEATBRIDGE_USER; the password is $SEATBRIDGE_PASSWORD
  -ca FILE             the certificate that the gateway's is signed by, where it is your own
  -rows LINES          of status: at most so many lines in all, by default what the terminal has
`

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// errUsage indicates a command that was used wrongly.
var errUsage = errors.New("usage")

// run is main with its surroundings handed in; it returns the exit status: 0 well, 1 failed, 2 used wrongly.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	command := "serve"
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	var err error
	switch {
	case command == "serve" && len(args) <= 1:
		err = serve(append(args, "")[0], out)
	case command == "check-config" && len(args) == 1:
		if _, err = configs.Load(args[0]); err == nil {
			fmt.Fprintf(out, "%s is fine\n", args[0])
		}
	case command == "default-config" && len(args) == 0:
		_, err = out.Write(configs.Default())
	case command == "ha1" && len(args) >= 1 && len(args) <= 3:
		err = ha1(args, in, out)
	case command == "version":
		fmt.Fprintln(out, version)
	case command == "status":
		err = status(args, out, errs)
	case command == "trace":
		err = trace(args, out, errs)
	default:
		err = errUsage
	}
	if errors.Is(err, errUsage) {
		fmt.Fprint(errs, usage)
		return 2
	}
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	return 0
}

// ha1 prints hex H(user:realm:password) (RFC 7616 section 3.4.2), which is what a configuration stores.
func ha1(args []string, in io.Reader, out io.Writer) error {
	realm, hash := "seatbridge", "md5"
	if len(args) > 1 {
		realm = args[1]
	}
	if len(args) > 2 {
		hash = args[2]
	}
	if hash != "md5" && hash != "sha256" {
		return fmt.Errorf("%q must be one of: md5, sha256", hash)
	}
	password, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && err != io.EOF {
		return err
	}
	password = strings.TrimRight(password, "\r\n")
	if password == "" {
		return fmt.Errorf("no password on standard input")
	}
	_, err = fmt.Fprintln(out, digest.HA1(algorithm(hash), args[0], realm, password))
	return err
}
