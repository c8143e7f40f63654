/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The stable names of errors, which the bus and euiccctl show, without the prefix org.euicc.Agent1.Error. */
#define EA_ERROR_NO_BEARER "NoBearer"
#define EA_ERROR_CONNECT_FAILED "ConnectFailed"
#define EA_ERROR_BUSY "Busy"
#define EA_ERROR_CARD_ABSENT "CardAbsent"
#define EA_ERROR_MODEM_FAILED "ModemFailed"
#define EA_ERROR_NOT_REGISTERED "NotRegistered"
#define EA_ERROR_ACCESS_DENIED "AccessDenied"
#define EA_ERROR_CLIENT_IDS_EXHAUSTED "ClientIdsExhausted"
#define EA_ERROR_PROTOCOL_ERROR "ProtocolError"
#define EA_ERROR_STORE_FAILED "StoreFailed"
#define EA_ERROR_STORE_FULL "StoreFull"
#define EA_ERROR_STORE_READ_ONLY "StoreReadOnly"
#define EA_ERROR_TIMEOUT "Timeout"
#define EA_ERROR_NOT_AUTHORIZED "NotAuthorized"
#define EA_ERROR_NO_KEY "NoKey"
#define EA_ERROR_NO_SUCH_TRANSPORT "NoSuchTransport"
#define EA_ERROR_INVALID_ARGUMENT "InvalidArgument"
#define EA_ERROR_CANCELLED "Cancelled"
#define EA_ERROR_ADDRESS_REFUSED "AddressRefused"
#define EA_ERROR_UNKNOWN_APPLICATION "UnknownApplication"
#define EA_ERROR_SCRIPT_MALFORMED "ScriptMalformed"
#define EA_ERROR_COMMAND_REFUSED "CommandRefused"
#define EA_ERROR_INTERRUPTED "Interrupted"
#define EA_ERROR_KEYS_CHANGED "KeysChanged"
#define EA_ERROR_RESOLVE_FAILED "ResolveFailed"
#define EA_ERROR_HANDSHAKE_FAILED "HandshakeFailed"
#define EA_ERROR_UNKNOWN_IDENTITY "UnknownIdentity"
#define EA_ERROR_WRONG_KEY "WrongKey"
#define EA_ERROR_NO_COMMON_CIPHER_SUITE "NoCommonCipherSuite"
#define EA_ERROR_TLS_VERSION "TlsVersion"
#define EA_ERROR_CONNECTION_LOST "ConnectionLost"
#define EA_ERROR_LIMIT_EXCEEDED "LimitExceeded"
#define EA_ERROR_TRUNCATED "Truncated"
#define EA_ERROR_SERVER_ERROR "ServerError"
#define EA_ERROR_REDIRECT_REFUSED "RedirectRefused"
#define EA_ERROR_WRONG_CONTENT_TYPE "WrongContentType"

/* The name of an error of a caller, a modem, a link, the store, the core or a session; static. */
const char *ea_error_name_get (const GError *error);

/* (transfer full): the same as the bus has it */
char *ea_error_name_get_for_bus (const GError *error);

G_END_DECLS
