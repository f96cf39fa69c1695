package profile

// The parameters that have bounds. An experiment asks for one by its name here: RequestURILife.In(client.Limits()).
var (
	AccessTokenLife          = times("access_token_life", "how long an access token lives")
	AccessTokenLifeWarn      = times("access_token_life_warn", "how long an access token should live")
	AssertionLife            = times("assertion_life_max", "how long a client assertion lives")
	CIBAExpiry               = times("ciba_expiry_min", "how long a backchannel authentication request stays open")
	CIBARequestLife          = times("ciba_request_life_max", "how long a signed backchannel request lives")
	ClockAheadAccept         = times("clock_ahead_accept", "how far ahead the clock of a client may be that is accepted")
	ClockAheadRefuse         = times("clock_ahead_refuse", "how far ahead the clock of a client may be that is not refused")
	CodeLife                 = times("code_life_max", "how long an authorization code lives")
	Idempotency              = times("idempotency_life", "how long an idempotency key is remembered")
	JARMLifeWarn             = times("jarm_life_warn", "how long a signed authorization response should live")
	MaxAge                   = times("max_age_max", "which max_age a client may ask for")
	MessageIssued            = times("message_iat", "how far the iat of a signed message may be from now, either way")
	NotBeforeAge             = times("nbf_age_max", "how long ago the nbf of a request object may be")
	RequestObjectExpiryAhead = times("request_object_exp_ahead_max", "how far ahead the exp of a request object may be")
	RequestObjectLife        = times("request_object_life_max", "how long a request object lives, from nbf to exp")
	RequestURILife           = times("request_uri_life", "how long a request_uri lives")
	Sharing                  = times("sharing_max", "how long a consumer may share data")
	StatementAge             = times("ssa_age_max", "how long ago a software statement may have been issued")
	StatementLife            = times("ssa_life", "how long a software statement lives")

	ECKey         = counts("ec_min", "how many bits an elliptic curve key has")
	PurposeLength = counts("purpose_length", "how many characters a purpose has")
	RSAKey        = counts("rsa_min", "how many bits an RSA key has")
)

// The parameters that say what is allowed.
var (
	Binding               = allowed("binding", "how access tokens are bound, in the words of the target file")
	CIBAMode              = allowed("ciba_mode", "how a client gets the result of a backchannel request")
	ClientAuth            = allowed("client_auth", "how clients authenticate, in the words of the target file")
	Encryption            = allowed("jwe", "the algorithms of encryption")
	FrontChannel          = allowed("front_channel_parameters", "which parameters an authorization request has in its URL")
	IDTokenAlgorithms     = allowed("id_token_algs", "the algorithms of ID Tokens")
	MessageSigning        = allowed("message_signing_algs", "the algorithms of signed messages")
	PKCE                  = allowed("pkce", "the challenge methods of PKCE")
	SigningAlgorithms     = allowed("signing_algs", "the algorithms of signatures")
	SubjectTypes          = allowed("subject_types", "the kinds of subject identifiers")
	VerifiedClaimDelivery = allowed("delivery", "where verified claims are delivered")
)

// The parameters that say what has to be there.
var (
	AssertionAudience = wanted("assertion_aud", "which audiences of client assertions are accepted")
	ACR               = wanted("acr", "which authentication context classes are known")
	InteractionID     = wanted("interaction_id", "where x-fapi-interaction-id is wanted and comes back")
	MTLSAliases       = wanted("mtls_aliases", "which endpoints stand among mtls_endpoint_aliases")
)

// The parameters that are a word or a sentence.
var (
	AssertionType    = says("assertion_typ", "the typ of client assertions")
	MTLSEverywhere   = says("mtls_everywhere", "which endpoints want a certificate")
	RefreshTokenLife = says("refresh_token_life", "how long a refresh token lives")
	ResourceIs       = says("resource", "what the protected resource is")
)

// The parameters that require or forbid.
var (
	ClaimsParameter         = rule("claims_parameter", "the claims parameter")
	OpenID                  = rule("openid", "OpenID Connect")
	PublicClients           = rule("public_clients", "public clients")
	Push                    = rule("push", "tokens that are pushed to clients")
	RAR                     = rule("rar", "rich authorization requests")
	RefreshRotation         = rule("refresh_rotation", "the rotation of refresh tokens")
	RequestObjectEncryption = rule("request_object_encryption", "encrypted request objects")
	SignedRequests          = rule("signed_requests", "signed authorization requests")
	SignedResponses         = rule("signed_responses", "signed authorization responses")
)
