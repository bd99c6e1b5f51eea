package configs

import "regexp"

// API is the server API, by which a business's own servers run the gateway.
type API struct {
	// SecretID and SecretKey sign requests; without them the server API is not served.
	SecretID  string `yaml:"secret_id"`
	SecretKey string `yaml:"secret_key"`
	// SDKAppID is the application id that requests name; 0 means that of CDR.
	SDKAppID int `yaml:"sdk_app_id"`
	// URL is where browsers reach the gateway; empty means where the request for a login token went to.
	URL string `yaml:"url"`
}

// minSecretKey is the least length of a key, in bytes: what is shorter can be guessed from one request.
const minSecretKey = 16

func (k *checker) serverAPI() {
	a := &k.c.API
	switch {
	case (a.SecretID == "") != (a.SecretKey == ""):
		k.wrong("api.secret_id", "secret_id and secret_key go together")
	case a.SecretID != "" && !regexp.MustCompile(`^[A-Za-z0-9_.-]+$`).MatchString(a.SecretID):
		k.wrong("api.secret_id", "must be of letters, digits, _, . and -")
	case a.SecretID != "" && len(a.SecretKey) < minSecretKey:
		k.wrong("api.secret_key", "must have at least %d characters", minSecretKey)
	case a.SecretID != "" && a.SDKAppID == 0 && k.c.CDR.SdkAppID == 0:
		k.wrong("api.sdk_app_id", "is missing: the application id that requests name, such as 1400000001")
	}
	if a.SDKAppID < 0 {
		k.wrong("api.sdk_app_id", "%d must not be negative", a.SDKAppID)
	}
	if a.URL != "" && !regexp.MustCompile(`^https?://[^/?#]+$`).MatchString(a.URL) {
		k.wrong("api.url", "%q must be like https://phone.example.com, without a path", a.URL)
	}
}
