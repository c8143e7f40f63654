/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One table from causes to names. */

#include "session/error-name.h"

#include "core/admin.h"
#include "core/error.h"
#include "host/authority.h"
#include "host/store-error.h"
#include "modem/bearer.h"
#include "modem/modem.h"
#include "net/link.h"
#include "net/psk-tls.h"
#include "net/resolver.h"
#include "session/cattp-link.h"
#include "session/session.h"

#define ERROR_PREFIX "org.euicc.Agent1.Error."

static const char *
get_modem_error_name (EaModemError code)
{
  switch (code)
    {
    case EA_MODEM_ERROR_ACCESS_DENIED:
      return EA_ERROR_ACCESS_DENIED;
    case EA_MODEM_ERROR_CLIENT_IDS_EXHAUSTED:
      return EA_ERROR_CLIENT_IDS_EXHAUSTED;
    case EA_MODEM_ERROR_BUSY:
      return EA_ERROR_BUSY;
    case EA_MODEM_ERROR_CARD_ABSENT:
      return EA_ERROR_CARD_ABSENT;
    case EA_MODEM_ERROR_TIMEOUT:
      return EA_ERROR_TIMEOUT;
    case EA_MODEM_ERROR_PROTOCOL:
      return EA_ERROR_PROTOCOL_ERROR;
    case EA_MODEM_ERROR_NO_SERVICE:
      return EA_ERROR_NOT_REGISTERED;
    case EA_MODEM_ERROR_FAILED:
    case EA_MODEM_ERROR_NO_APPLICATION:
    case EA_MODEM_ERROR_UNSUPPORTED:
    case EA_MODEM_ERROR_GONE:
    case EA_MODEM_ERROR_NO_PROXY:
    case EA_MODEM_ERROR_NETWORK:
      break;
    }
  return EA_ERROR_MODEM_FAILED;
}

static const char *
get_link_error_name (EaLinkError code)
{
  switch (code)
    {
    case EA_LINK_ERROR_TIMED_OUT:
      return EA_ERROR_TIMEOUT;
    case EA_LINK_ERROR_NOT_ALLOWED:
      return EA_ERROR_ACCESS_DENIED;
    case EA_LINK_ERROR_NO_INTERFACE:
      return EA_ERROR_NO_BEARER;
    case EA_LINK_ERROR_FAILED:
    case EA_LINK_ERROR_REFUSED:
    case EA_LINK_ERROR_UNREACHABLE:
    case EA_LINK_ERROR_RESET:
    case EA_LINK_ERROR_CLOSED:
    case EA_LINK_ERROR_ADDRESS_IN_USE:
    case EA_LINK_ERROR_FULL:
    case EA_LINK_ERROR_TOO_LARGE:
      break;
    }
  return EA_ERROR_CONNECT_FAILED;
}

static const char *
get_store_error_name (EaStoreError code)
{
  switch (code)
    {
    case EA_STORE_ERROR_FULL:
      return EA_ERROR_STORE_FULL;
    case EA_STORE_ERROR_READ_ONLY:
      return EA_ERROR_STORE_READ_ONLY;
    case EA_STORE_ERROR_NOT_FOUND:
    case EA_STORE_ERROR_FAILED:
    case EA_STORE_ERROR_DAMAGED:
    case EA_STORE_ERROR_LIMIT:
      break;
    }
  return EA_ERROR_STORE_FAILED;
}

static const char *
get_resolver_error_name (EaResolverError code)
{
  switch (code)
    {
    case EA_RESOLVER_ERROR_TIMED_OUT:
      return EA_ERROR_TIMEOUT;
    case EA_RESOLVER_ERROR_NO_INTERFACE:
      return EA_ERROR_NO_BEARER;
    case EA_RESOLVER_ERROR_NOT_ALLOWED:
      return EA_ERROR_ACCESS_DENIED;
    case EA_RESOLVER_ERROR_BAD_NAME:
      return EA_ERROR_INVALID_ARGUMENT;
    case EA_RESOLVER_ERROR_FAILED:
    case EA_RESOLVER_ERROR_NOT_FOUND:
    case EA_RESOLVER_ERROR_SERVER_FAILED:
    case EA_RESOLVER_ERROR_UNREACHABLE:
      break;
    }
  return EA_ERROR_RESOLVE_FAILED;
}

static const char *
get_tls_error_name (EaPskTlsError code)
{
  switch (code)
    {
    case EA_PSK_TLS_ERROR_IDENTITY_REFUSED:
      return EA_ERROR_UNKNOWN_IDENTITY;
    case EA_PSK_TLS_ERROR_KEY_REFUSED:
      return EA_ERROR_WRONG_KEY;
    case EA_PSK_TLS_ERROR_NO_COMMON_SUITE:
      return EA_ERROR_NO_COMMON_CIPHER_SUITE;
    case EA_PSK_TLS_ERROR_VERSION:
      return EA_ERROR_TLS_VERSION;
    case EA_PSK_TLS_ERROR_TIMED_OUT:
      return EA_ERROR_TIMEOUT;
    case EA_PSK_TLS_ERROR_TRUNCATED:
      return EA_ERROR_CONNECTION_LOST;
    case EA_PSK_TLS_ERROR_PROTOCOL:
      return EA_ERROR_PROTOCOL_ERROR;
    case EA_PSK_TLS_ERROR_FAILED:
    case EA_PSK_TLS_ERROR_ALERT:
      break;
    }
  return EA_ERROR_HANDSHAKE_FAILED;
}

static const char *
get_admin_error_name (EaAdminError code)
{
  switch (code)
    {
    case EA_ADMIN_ERROR_PROTOCOL:
      return EA_ERROR_PROTOCOL_ERROR;
    case EA_ADMIN_ERROR_LIMIT:
      return EA_ERROR_LIMIT_EXCEEDED;
    case EA_ADMIN_ERROR_TRUNCATED:
      return EA_ERROR_TRUNCATED;
    case EA_ADMIN_ERROR_STATUS:
      return EA_ERROR_SERVER_ERROR;
    case EA_ADMIN_ERROR_REDIRECT:
      return EA_ERROR_REDIRECT_REFUSED;
    case EA_ADMIN_ERROR_TYPE:
      return EA_ERROR_WRONG_CONTENT_TYPE;
    }
  g_assert_not_reached ();
}

static const char *
get_cattp_error_name (EaCattpLinkError code)
{
  switch (code)
    {
    case EA_CATTP_LINK_ERROR_NO_ANSWER:
      return EA_ERROR_TIMEOUT;
    case EA_CATTP_LINK_ERROR_REFUSED:
      return EA_ERROR_CONNECT_FAILED;
    case EA_CATTP_LINK_ERROR_RESET:
      return EA_ERROR_CONNECTION_LOST;
    case EA_CATTP_LINK_ERROR_PROTOCOL:
      return EA_ERROR_PROTOCOL_ERROR;
    case EA_CATTP_LINK_ERROR_LIMIT:
      return EA_ERROR_LIMIT_EXCEEDED;
    }
  g_assert_not_reached ();
}

static const char *
get_session_error_name (EaSessionError code)
{
  switch (code)
    {
    case EA_SESSION_ERROR_NO_TRANSPORT:
      return EA_ERROR_NO_SUCH_TRANSPORT;
    case EA_SESSION_ERROR_NO_KEY:
      return EA_ERROR_NO_KEY;
    case EA_SESSION_ERROR_INVALID:
      return EA_ERROR_INVALID_ARGUMENT;
    case EA_SESSION_ERROR_FULL:
      return EA_ERROR_BUSY;
    case EA_SESSION_ERROR_CANCELLED:
      return EA_ERROR_CANCELLED;
    case EA_SESSION_ERROR_TIMED_OUT:
      return EA_ERROR_TIMEOUT;
    case EA_SESSION_ERROR_CARD_ABSENT:
      return EA_ERROR_CARD_ABSENT;
    case EA_SESSION_ERROR_NOT_ALLOWED:
      return EA_ERROR_ADDRESS_REFUSED;
    case EA_SESSION_ERROR_NO_APPLICATION:
      return EA_ERROR_UNKNOWN_APPLICATION;
    case EA_SESSION_ERROR_SCRIPT:
      return EA_ERROR_SCRIPT_MALFORMED;
    case EA_SESSION_ERROR_COMMAND:
      return EA_ERROR_COMMAND_REFUSED;
    case EA_SESSION_ERROR_LOST:
      return EA_ERROR_CONNECTION_LOST;
    case EA_SESSION_ERROR_KEYS_CHANGED:
      return EA_ERROR_KEYS_CHANGED;
    case EA_SESSION_ERROR_INTERRUPTED:
      return EA_ERROR_INTERRUPTED;
    }
  g_assert_not_reached ();
}

const char *
ea_error_name_get (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return EA_ERROR_CANCELLED;
  if (error->domain == EA_AUTHORITY_ERROR)
    return error->code == EA_AUTHORITY_ERROR_LIMIT ? EA_ERROR_LIMIT_EXCEEDED
                                                   : EA_ERROR_NOT_AUTHORIZED;
  if (error->domain == EA_CORE_ERROR)
    return EA_ERROR_PROTOCOL_ERROR;
  if (error->domain == EA_MODEM_ERROR)
    return get_modem_error_name ((EaModemError) error->code);
  if (error->domain == EA_BEARER_ERROR)
    return EA_ERROR_NO_BEARER;
  if (error->domain == EA_LINK_ERROR)
    return get_link_error_name ((EaLinkError) error->code);
  if (error->domain == EA_STORE_ERROR)
    return get_store_error_name ((EaStoreError) error->code);
  if (error->domain == EA_RESOLVER_ERROR)
    return get_resolver_error_name ((EaResolverError) error->code);
  if (error->domain == EA_PSK_TLS_ERROR)
    return get_tls_error_name ((EaPskTlsError) error->code);
  if (error->domain == EA_ADMIN_ERROR)
    return get_admin_error_name ((EaAdminError) error->code);
  if (error->domain == EA_CATTP_LINK_ERROR)
    return get_cattp_error_name ((EaCattpLinkError) error->code);
  if (error->domain == EA_SESSION_ERROR)
    return get_session_error_name ((EaSessionError) error->code);
  return EA_ERROR_MODEM_FAILED;
}

char *
ea_error_name_get_for_bus (const GError *error)
{
  return g_strconcat (ERROR_PREFIX, ea_error_name_get (error), NULL);
}
