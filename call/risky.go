package call

import "strings"

// risk is why a destination is risky.
type risk string

// The kinds of risky destinations.
const (
	riskPremium   risk = "premium rate"
	riskSatellite risk = "satellite or international network"
	riskFraud     risk = "often used for fraud"
)

// riskyPrefixes are the beginnings of numbers (E.164) that are refused until an outbound rule enables them. Premium
// rates and networks are what the numbering plans say (ITU-T E.164 annex, the national regulators' plans). The others
// are country codes and islands that public reports on international revenue share and call-back fraud name again and
// again; that says nothing of the people who live there. docs/outbound.md has the same list, in words.
var riskyPrefixes = []struct {
	risk     risk
	prefixes string
}{
	{riskPremium, "+979 +808"},                                               // international premium rate and shared cost
	{riskPremium, "+1900"},                                                   // North America
	{riskPremium, "+449 +4470 +4487"},                                        // United Kingdom: premium, personal and service numbers
	{riskPremium, "+49900 +49137"},                                           // Germany
	{riskPremium, "+43900 +43901 +43930 +43931 +43939"},                      // Austria
	{riskPremium, "+41900 +41901 +41906"},                                    // Switzerland
	{riskPremium, "+3389"},                                                   // France
	{riskPremium, "+3989"},                                                   // Italy
	{riskPremium, "+34803 +34806 +34807 +34905"},                             // Spain
	{riskPremium, "+31900 +31906 +31909"},                                    // Netherlands
	{riskPremium, "+32900 +32902 +32903 +32904 +32905 +32906 +32907 +32909"}, // Belgium
	{riskPremium, "+46900 +46939 +46944"},                                    // Sweden
	{riskPremium, "+47820 +47829 +4590 +358600 +358700"},                     // Norway, Denmark, Finland
	{riskPremium, "+4870 +42090 +3690 +38690 +3090"},                         // Poland, Czechia, Hungary, Slovenia, Greece
	{riskPremium, "+6119 +64900 +81990"},                                     // Australia, New Zealand, Japan

	{riskSatellite, "+870"},           // Inmarsat
	{riskSatellite, "+881"},           // Iridium, Globalstar and others
	{riskSatellite, "+882 +883"},      // international networks
	{riskSatellite, "+878 +888 +991"}, // personal numbers, and codes that were withdrawn

	// Islands under +1, which look like any North American number.
	{riskFraud, "+1242 +1246 +1264 +1268 +1284 +1345 +1441 +1473 +1649 +1658 +1664 +1721 +1758 +1767 +1784"},
	{riskFraud, "+1809 +1829 +1849 +1868 +1869 +1876"},
	{riskFraud, "+216 +220 +222 +224 +231 +232 +235 +239 +245 +246 +247"},
	{riskFraud, "+252 +253 +257 +261 +263 +269 +290 +291"},
	{riskFraud, "+500 +508 +53 +592"},
	{riskFraud, "+355 +375 +387 +850 +960 +994"},
	{riskFraud, "+670 +672 +674 +675 +676 +677 +678 +680 +681 +682 +683 +685 +686 +688 +690 +691 +692"},
}

// riskOf is why a number is risky; empty where it is not.
func riskOf(number string) risk {
	for _, line := range riskyPrefixes {
		for _, prefix := range strings.Fields(line.prefixes) {
			if strings.HasPrefix(number, prefix) {
				return line.risk
			}
		}
	}
	return ""
}
