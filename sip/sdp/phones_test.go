package sdp

// Offers in the shape of common phones, written for these tests. Keys are made up.
const (
	// Many codecs, telephone-event at 101, static types with rtpmap.
	yealinkOffer = "v=0\r\no=- 20008 20008 IN IP4 192.168.1.20\r\ns=SDP data\r\nc=IN IP4 192.168.1.20\r\nt=0 0\r\n" +
		"m=audio 11784 RTP/AVP 9 0 8 18 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:0 PCMU/8000\r\n" +
		"a=rtpmap:8 PCMA/8000\r\na=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\na=ptime:20\r\na=sendrecv\r\n" +
		"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=rtcp:11785\r\n"
	// RTP/SAVP and RTP/AVP side by side, event number 127, direction at session level.
	polycomOffer = "v=0\r\no=PolycomVVX 1700000001 1700000001 IN IP4 10.1.1.5\r\ns=Polycom IP Phone\r\n" +
		"c=IN IP4 10.1.1.5\r\nt=0 0\r\na=sendrecv\r\n" +
		"m=audio 2224 RTP/SAVP 9 0 8 127\r\na=rtpmap:9 G722/8000\r\na=rtpmap:0 PCMU/8000\r\n" +
		"a=rtpmap:8 PCMA/8000\r\na=rtpmap:127 telephone-event/8000\r\n" +
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|2^31\r\n" +
		"m=audio 2226 RTP/AVP 9 0 8 127\r\na=rtpmap:9 G722/8000\r\na=rtpmap:0 PCMU/8000\r\n" +
		"a=rtpmap:8 PCMA/8000\r\na=rtpmap:127 telephone-event/8000\r\n"
	// The name of the maker in o=, static types without rtpmap, b= behind a=, silence suppression.
	ciscoOffer = "v=0\r\no=Cisco-SIPUA 11893 0 IN IP4 10.9.8.7\r\ns=SIP Call\r\nb=AS:4064\r\nt=0 0\r\n" +
		"m=audio 28652 RTP/AVP 0 8 18 101\r\nc=IN IP4 10.9.8.7\r\n" +
		"a=trafficclass:conversational.audio.avconf.aq:admitted\r\n" +
		"b=TIAS:64000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n"
	// Opus at 123, events at both clocks, SRTP keys under RTP/AVP, video besides.
	grandstreamOffer = "v=0\r\no=1001 8000 8000 IN IP4 192.168.0.160\r\ns=SIP Call\r\n" +
		"c=IN IP4 192.168.0.160\r\nt=0 0\r\n" +
		"m=audio 5004 RTP/AVP 123 0 8 101 121\r\na=sendrecv\r\na=rtpmap:123 opus/48000/2\r\na=rtpmap:0 PCMU/8000\r\n" +
		"a=ptime:20\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n" +
		"a=rtpmap:121 telephone-event/48000\r\na=fmtp:121 0-15\r\n" +
		"a=crypto:1 AEAD_AES_128_GCM inline:" + key28 + "\r\n" +
		"a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|2^32\r\n" +
		"m=video 5006 RTP/AVP 99\r\na=sendrecv\r\na=rtpmap:99 H264/90000\r\n"
	// Bare LF, a fax line, ptime 30, and the direction last without an end of line.
	snomOffer = "v=0\no=root 312432 312432 IN IP4 172.16.3.4\ns=call\nc=IN IP4 172.16.3.4\nt=0 0\n" +
		"m=audio 59244 RTP/AVP 8 0 101\na=rtpmap:8 PCMA/8000\na=rtpmap:0 PCMU/8000\n" +
		"a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=ptime:30\na=sendrecv\n" +
		"m=image 59246 udptl t38\na=T38FaxVersion:0\na=sendonly"
	// RTCP elsewhere and shared, IPv6, feedback profile, odd blanks.
	softphoneOffer = "v = 0 \r\n\r\no=x 1 1 IN IP6 2001:db8::7\r\ns= \r\nc=IN IP6 2001:db8::7\r\nt=0 0\r\n" +
		"m=audio  7078  RTP/AVPF  96 97\r\na=rtpmap:96  OPUS/48000/2 \r\na=fmtp:96 useinbandfec=1\r\n" +
		"a=rtpmap:97 telephone-event/48000\r\na=rtcp:7099 IN IP6 2001:db8::8\r\na=rtcp-mux\r\n" +
		"a=rtcp-fb:* trr-int 5000\r\n"

	key30 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
	key28 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw=="
)
