package call

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNumber indicates something dialled that is no telephone number.
var ErrNumber = errors.New("call: not a telephone number")

// maxDialled is the longest that a dialled number may be, separators included; E.164 has 15 digits.
const maxDialled = 64

// Numbering says how numbers are written where the gateway stands.
type Numbering struct {
	// National is what a leading 0 stands for: + and a country code, such as +49. Empty where national numbers have no
	// such 0 or are not to be rewritten.
	National string
}

// Normalise writes what somebody dialled in our own form: visual separators (RFC 3966 section 3) and spaces are taken
// out, 00 becomes +, and a leading 0 becomes the country code. Short numbers, extensions and codes with * and # stay
// as they are. The error wraps ErrNumber. What was normalised once is not changed by doing it again.
func (n Numbering) Normalise(dialled string) (string, error) {
	if len(dialled) > maxDialled {
		return "", fmt.Errorf("%w: %d characters", ErrNumber, len(dialled))
	}
	number := stripper().Replace(dialled)
	if rest, ok := strings.CutPrefix(number, "00"); ok {
		number = "+" + rest
	} else if rest, ok := strings.CutPrefix(number, "0"); ok && rest != "" && n.National != "" {
		number = n.National + rest
	}
	if err := checkNumber(number); err != nil {
		return "", err
	}
	return number, nil
}

// stripper takes out what people write between digits to read them more easily.
func stripper() *strings.Replacer {
	return strings.NewReplacer(" ", "", "\u00a0", "", "-", "", ".", "", "(", "", ")", "", "/", "")
}

// checkNumber wants + and 2 to 15 digits that begin with 1 to 9 (E.164), or 1 to 24 of 0-9, * and #.
func checkNumber(number string) error {
	if digits, ok := strings.CutPrefix(number, "+"); ok {
		if len(digits) < 2 || len(digits) > 15 || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
			return fmt.Errorf("%w: %q", ErrNumber, number)
		}
		return nil
	}
	if number == "" || len(number) > 24 || strings.Trim(number, "0123456789*#") != "" {
		return fmt.Errorf("%w: %q", ErrNumber, number)
	}
	return nil
}
