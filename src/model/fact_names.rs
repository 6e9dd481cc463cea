use std::collections::HashMap;
use std::sync::LazyLock;

/// What a fact name means: its spelling in rules and output, where it comes from, and its values.
#[derive(Debug, Clone, Copy)]
pub struct FactSpec {
    pub name: FactName,
    /// Kebab-case spelling used by rules, `facts` and docs.
    pub id: &'static str,
    /// One line: meaning and vocabulary of values.
    pub doc: &'static str,
}

macro_rules! facts {
    ($($(#[$group:meta])* $variant:ident $id:literal $doc:literal;)*) => {
        /// The names of facts. Extractors make them, correlation derives some (said in the doc), rules ask for them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FactName { $(#[doc = $doc] $variant,)* }

        /// Every fact name with its spelling and meaning, in the order of the docs.
        pub const FACTS: &[FactSpec] = &[$(FactSpec { name: FactName::$variant, id: $id, doc: $doc },)*];

        impl FactName {
            /// Spelling used by rules and output.
            pub fn id(self) -> &'static str {
                match self { $(FactName::$variant => $id,)* }
            }

        }
    };
}

impl FactName {
    /// The name with that spelling.
    pub fn from_id(id: &str) -> Option<FactName> {
        static BY_ID: LazyLock<HashMap<&str, FactName>> =
            LazyLock::new(|| FACTS.iter().map(|fact| (fact.id, fact.name)).collect());
        BY_ID.get(id).copied()
    }

    /// True for facts whose value is made anew for every call: Microsoft's ids of it, and its time.
    pub fn is_of_one_call(self) -> bool {
        use FactName::*;
        matches!(self, CorrelationId | RequestId | TraceId | ClientRequestId | SessionHash | ErrorTime)
    }

    /// True for facts whose value is somebody's address.
    pub fn is_identity(self) -> bool {
        use FactName::*;
        matches!(
            self,
            IdIntended
                | IdHint
                | IdTyped
                | IdPicked
                | IdToken
                | IdTokenMail
                | IdUpn
                | IdMailbox
                | IdProxy
                | IdError
        )
    }
}

facts! {
    // Codes and error values.
    EntraCode "entra-code" "An AADSTS code, digits only (`50105`): the specific one of its error payload or line, or a lone one.";
    EntraEnvelope "entra-envelope" "An AADSTS code that the same description follows with a more specific one (`70002` before `50012`).";
    EntraText "entra-text" "Digits of the AADSTS code whose words were found without the code.";
    EntraGuess "entra-guess" "Digits of an AADSTS code read through OCR noise or a masked digit.";
    OauthError "oauth-error" "Value of `error` of an OAuth answer: `invalid_grant`, `access_denied`…";
    OauthSuberror "oauth-suberror" "Value of `suberror` or `error_subcode`: `cancel`, `basic_action`, `bad_token`…";
    OauthErrorAt "oauth-error-at" "Where an OAuth error stood: `token`, `redirect`, `page`, `challenge`, `log`.";
    ApiCode "api-code" "Error code of Graph, Outlook REST, EWS, Autodiscover or AAD Graph as written, every nested one, innermost last.";
    ApiText "api-text" "Api code whose words were found without the code (`MailboxNotEnabledForRESTAPI`).";
    ApiMessage "api-message" "Known wording inside an API error that splits one code: `odata-disabled`, `preview-mailbox`, `check-credentials`, `invalid-audience`, `lifetime`, `insufficient-privileges`, `compact-token`, `well-formed`, `empty-token`, `wrong-scope`.";
    ApiSurface "api-surface" "API that answered with an error: `graph`, `outlook`, `ews`, `autodiscover`, `aadgraph`, `arm`, `other`.";
    ApiStatus "api-status" "HTTP status of a failed Microsoft API call (also inner statuses of `$batch`).";
    ApiArea "api-area" "What the failed API call was about: `me`, `mailbox`, `calendar`, `contacts`, `send`, `directory`, `subscription`, `delta`, `batch`, `other`.";
    ApiTarget "api-target" "Whose data the failed API call asked for: `own` (`/me`) or `other` (`/users/{id}`).";
    ApiOk "api-ok" "Area of an API call that succeeded: `me`, `mailbox`, `calendar`, `send`, `directory`…";
    BatchInner "batch-inner" "Status of a failed request inside `$batch`.";
    ChallengeError "challenge-error" "`error` of a WWW-Authenticate challenge: `invalid_token`, `insufficient_claims`.";
    ChallengeScheme "challenge-scheme" "Scheme offered by a challenge: `bearer`, `basic`, `ntlm`, `negotiate`.";
    ChallengeCode "challenge-code" "Code inside a continuous-access challenge: `TokenIssuedBeforeRevocationTimestamp`, `LocationConditionEvaluationFailed`.";
    DiagnosticsCode "diagnostics-code" "Number in `x-ms-diagnostics`: `2000003`.";
    VendorCode "vendor-code" "Vendor's own error code, upper case (`OFFICE_ERROR_REST_API_NOT_ENABLED_FOR_COMPONENT_SHARED_MAILBOX`).";
    MsalCode "msal-code" "Error of the client library that never reached the server: `no_tokens_found`, `interaction_in_progress`, `state_mismatch`, `invalid_state`, `user_cancelled`, `popup_window_error`…";
    ConsumerCode "consumer-code" "Code of login.live.com or a legacy HRESULT, lower-case hex or as written: `80041011`.";
    IdxCode "idx-code" "Code of Microsoft's token library: `IDX14100`.";
    SmtpCode "smtp-code" "Enhanced status code of an SMTP answer: `5.7.139`.";
    MailText "mail-text" "Known answer of IMAP, POP or SMTP: `smtp-auth-disabled`, `basic-auth-disabled`, `authenticate-failed`, `authenticated-not-connected`, `login-failed`, `submission-blocked`, `send-as-denied`, `throttled`, `mailbox-full`, `security-defaults`, `no-primary-smtp`, `account-locked`.";
    Phrase "phrase" "Other known wording: `need-admin-page`, `consent-page`, `ca-block-page`, `proxy-block-page`, `shared-mailbox`, `not-assigned`, `scope-list-missing`, `license-missing`, `tls-inspection`, `stay-signed-in`, `migration`, `resource-not-subscribed`, `identity-provider-error`, `account-picker`, `provisioning`, `service-abuse`, `not-for-consumers`, `ews-unauthorized`, `subscription-validation`, `code-refused`, `scopes-unauthorized`, `ews-forbidden`, `wrong-account`, `silent-denied`, `no-refresh-token`.";
    Told "told" "What a ticket says in its writer's own words, where nothing better stands in it: `password-changed`, `access-revoked`, `mfa-introduced`, `sign-in-interval`, `one-hour`, `other-account`, `two-addresses`, `own-exchange`, `no-mailbox-licence`, `mail-elsewhere`, `no-mailbox`, `just-licensed`, `access-policy`, `device-policy`, `slowed-down`, `web-filter`, `own-sign-in-page`, `account-off`, `others-calendar`, `full`, `smtp-auth-off`, `basic-auth-ended`, `send-as`, `app-removed`, `app-access-policy`, `guest`, `calendar-not-listed`, `admin-approval`, `pressed-cancel`, `moved`, `not-assigned`, `permission-unticked`, `personal-account`, `alias-address`, `shared-sign-in`, `outage`, `imap-off`, `tenant-restricted`, `wrong-password`, `sign-in-loop`, `username-unknown`, `idle`, `sending-limit`, `national-cloud`.";
    UnknownCode "unknown-code" "A well-formed Microsoft code that no table knows, as written.";

    // Microsoft's ids; they join events and are printed.
    CorrelationId "correlation-id" "Correlation id, lower case.";
    RequestId "request-id" "Request id, lower case.";
    TraceId "trace-id" "Trace id, lower case.";
    ClientRequestId "client-request-id" "Client request id, lower case.";
    StateHash "state-hash" "Hash of the OAuth `state` parameter; only for joining.";
    CodeHash "code-hash" "Hash of an authorization code seen in a redirect; only for joining.";
    CodeRedeemed "code-redeemed" "Hash of an authorization code sent to the token endpoint; only for joining.";
    SessionHash "session-hash" "Hash of a vendor's session or request id in a log; only for joining.";
    ErrorTime "error-time" "Time that Microsoft's error payload itself names, RFC 3339.";

    // The flow.
    Hop "hop" "A hop was seen: `authorize`, `sign-in`, `consent`, `redirect`, `token`, `me`, `mailbox`, `calendar`, `sync`.";
    HopOk "hop-ok" "A hop succeeded; same values.";
    HopFailed "hop-failed" "A hop failed; same values.";
    Page "page" "Microsoft page shown: its `pgid` in lower case, and normalised `sign-in`, `error`, `kmsi`, `consent`, `need-admin`, `mfa`, `mfa-registration`, `conditional-access`, `account-picker`, `change-password`.";
    Authority "authority" "Tenant segment of the authority: `common`, `organizations`, `consumers`, `guid`, `domain`.";
    Prompt "prompt" "`prompt` of the authorize request, or `absent`.";
    LoginHint "login-hint" "`present` or `absent` in the authorize request.";
    ResponseType "response-type" "`response_type` of the authorize request.";
    Pkce "pkce" "`present` or `absent` in the authorize request.";
    ClientId "client-id" "App id of the authorize or token request, or named in an error.";
    AppName "app-name" "Name of the app as Microsoft's page, record or error text says it.";
    RedirectHost "redirect-host" "Scheme and host of the redirect URI (`https://app.example`).";
    GrantType "grant-type" "`grant_type` of a token request.";
    ClientAuth "client-auth" "How the client proved itself at the token endpoint: `secret`, `assertion`, `none`.";
    CodeReceived "code-received" "`yes`: a redirect carried an authorization code.";
    Token "token" "`issued`: a token endpoint answered with tokens.";
    RefreshToken "refresh-token" "`present` or `absent` in a successful token answer to an authorization code.";
    TokenKind "token-kind" "`jwt` or `opaque` access token.";
    AdminConsent "admin-consent" "Answer of the admin consent endpoint: `granted`, `refused`.";
    ConsentTenant "consent-tenant" "Tenant id that the admin consent answer names.";
    ConsentShown "consent-shown" "`accept`: a consent page on which the user could accept; `admin`: the need-admin page.";

    // Scopes.
    ScopeRequired "scope-required" "A scope that the profile requires (derived).";
    ScopeRequested "scope-requested" "A scope asked for, without resource prefix (`Mail.Read`).";
    ScopeConsented "scope-consented" "A scope on the consent page or in a consent record.";
    ScopeGranted "scope-granted" "A scope in the token answer or in `scp`.";
    ScopeNamed "scope-named" "A scope that a refusal or log names as missing or needed.";
    ScopeMissing "scope-missing" "A scope required or named but not granted (derived).";
    RoleGranted "role-granted" "An app role in `roles`.";
    Resource "resource" "API asked for or in `aud`: `graph`, `outlook`, `aadgraph`, `arm`, `other`.";
    AudienceMismatch "audience-mismatch" "`yes`: a token for one API was sent to another (derived).";
    TokenExpired "token-expired" "`yes`: the token's `exp` lies before the call that used it.";

    // Identities and accounts.
    IdIntended "id-intended" "Address that the user meant, as the ticket or vendor says.";
    IdHint "id-hint" "Address in `login_hint` or an anchor header.";
    IdTyped "id-typed" "Address typed on a sign-in page.";
    IdPicked "id-picked" "Address of the account that was picked or found signed in.";
    IdToken "id-token" "Sign-in name in a token (`preferred_username`, `upn`, `unique_name`).";
    IdTokenMail "id-token-mail" "`email` claim of a token.";
    IdUpn "id-upn" "`userPrincipalName` of `/me` or a sign-in record.";
    IdMailbox "id-mailbox" "Primary address of the mailbox (`mail` of `/me`).";
    IdProxy "id-proxy" "Further address of the mailbox (`proxyAddresses`, `otherMails`).";
    IdError "id-error" "Address named in an error text.";
    Oid "oid" "Object id of the user.";
    Tenant "tenant" "Tenant id or domain that issued the token or answered.";
    HomeTenant "home-tenant" "Home tenant id of the user, where it differs or is said.";
    ErrorTenant "error-tenant" "Tenant named in an error text.";
    AccountType "account-type" "`work`, `personal`, `guest`, `unknown`.";
    Idp "idp" "Identity provider of the account: `live.com`, `google.com`, `other-tenant`, `mail`, `federated`, `other`.";
    MeMail "me-mail" "`null` or `present` in the answer of `/me`.";
    OutlookAlias "outlook-alias" "The `outlook_<16 hex>@outlook.com` address.";
    IdMismatch "id-mismatch" "Identities disagree (derived): `intended-token`, `hint-token`, `typed-token`, `upn-mail`, `token-mail`.";
    IdMatch "id-match" "Identities agree (derived): same values.";
    SilentSignIn "silent-sign-in" "`yes`: a code came back without any password or picker page (derived).";
    StaySignedIn "stay-signed-in" "`yes`: persistent session cookie or the stay-signed-in page was seen.";
    MailboxType "mailbox-type" "`user`, `shared`, `room`, `equipment`, `linked`.";
    License "license" "`none`, `foundation-only`, `exchange`: what the licence data says.";

    // Realm and directory look-ups.
    IfExists "if-exists" "`IfExistsResult` of GetCredentialType, digits (trust 0/1 only when `throttle-status` is 0).";
    ThrottleStatus "throttle-status" "`ThrottleStatus` of GetCredentialType.";
    DomainType "domain-type" "`consumer`, `managed`, `federated`, `cloud-federated`, `unknown`.";
    Namespace "namespace" "`NameSpaceType` or `account_type`: `managed`, `federated`, `unknown`.";
    Cloud "cloud" "Cloud instance: `public`, `us-gov`, `china`, `germany`, `other`.";

    // Transport and servers.
    NetworkError "network-error" "Recorder's or client's network error to a Microsoft or vendor host: `net::ERR_NAME_NOT_RESOLVED`, `status-0`, `dns`, `refused`, `timeout`, `tls`, `reset`.";
    ProxyAnswer "proxy-answer" "`407`, `block-page`, `tls-inspection`: something between answered.";
    RetryAfter "retry-after" "Seconds a server asked to wait.";
    Throttle "throttle" "Limit that was hit: `MailboxConcurrency`, `429`, `503`, `ApplicationThrottled`…";
    ServerFault "server-fault" "5xx status of a Microsoft endpoint, or its `server_error`, `temporarily_unavailable`.";
    Backend "backend" "Mailbox server that answered: `cloud`, `on-premises`.";
    Autodiscover "autodiscover" "Where Autodiscover points: `cloud`, `on-premises`, `personal`.";
    AutodiscoverCode "autodiscover-code" "ErrorCode of an Autodiscover answer: `600`, `InvalidUser`…";
    TenantRestriction "tenant-restriction" "`yes`: a tenant restriction header was on the request.";
    DateSkew "date-skew" "Seconds by which a server's `Date` is ahead of the recorder's clock.";

    // Sign-in and audit logs.
    SigninResult "signin-result" "`success`, `failure`, `interrupted` of an Entra sign-in record.";
    CaStatus "ca-status" "Conditional Access status of a sign-in record: `success`, `failure`, `notapplied`.";
    CaPolicy "ca-policy" "Name of a Conditional Access policy whose result is failure.";
    ClientApp "client-app" "`clientAppUsed` of a sign-in record, lower case: `browser`, `imap4`, `authenticated smtp`…";
    AuditOperation "audit-operation" "Operation of an audit record, lower case, without the final stop.";
    ConsentPolicy "consent-policy" "A policy id in `permissionGrantPoliciesAssigned`.";

    // DNS.
    MxProvider "mx-provider" "Provider behind an MX name of the address's domain (`microsoft_365`, `google_workspace`, `proofpoint`…).";
    MxRole "mx-role" "`mailbox`, `gateway`, `forwarder`, `application`, `none`.";
    MxDomain "mx-domain" "Domain that the MX belongs to.";

    // The capture itself.
    Sanitised "sanitised" "Marks of a sanitised capture: `chrome`, `cloudflare`, `other`.";
    CaptureTool "capture-tool" "Creator of the HAR, lower case: `webinspector`, `firefox`, `fiddler`…";
    LogNoise "log-noise" "`yes`: a record of a product's own sign-in, unrelated to Microsoft.";

    // Derived by correlation.
    OutcomeIs "outcome" "Outcome of the attempt (derived): `succeeded`, `failed`, `abandoned`, `unknown`.";
    LaterSuccess "later-success" "Stage that failed here and succeeded afterwards (derived): `sign-in`, `token`, `mailbox`, `calendar`, `sync`.";
    RetryWorked "retry-worked" "`yes`: the same call succeeded after throttling or a server fault (derived).";
    CodeReused "code-reused" "`yes`: one authorization code was redeemed or delivered twice (derived).";
    Alternating "alternating" "`mailbox`: not-found and not-enabled errors alternate for one user (derived).";
    ProvisionedLater "provisioned-later" "`yes`: a mailbox error turned into success later (derived).";
    Spread "spread" "How far one code spreads in the case (derived): `one-account`, `many-accounts`, `many-tenants`.";
    Phase "phase" "`connect` (authorization code, sign-in page) or `refresh` (refresh token, non-interactive) (derived).";
    WeakEvidence "weak-evidence" "Why the evidence is thin (derived): `url-only`, `words-only`, `misread-code`, `sanitised`, `truncated`.";
    ConsentTenantDiffers "consent-tenant-differs" "`yes`: admin consent was given in another tenant than the users' (derived).";
    DefaultCalendar "default-calendar" "`listed` or `missing` in a full list of calendars.";
    SyncStale "sync-stale" "`yes`: mail arrives elsewhere though the connection works, as the ticket or record says.";
}
