/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The stable names of errors: a name for each cause, in every domain that has names. */

#include "session/error-name.h"

#include <gio/gio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

/* The names of the codes of a domain, from 0 on */
static void
assert_names (GQuark domain, const char *const *names, gsize n_names)
{
  for (gsize i = 0; i < n_names; i++)
    {
      g_autoptr (GError) error = g_error_new (domain, (int) i, "as the test says");
      const char *name = ea_error_name_get (error);

      if (g_strcmp0 (name, names[i]) != 0)
        fail_msg ("%s %" G_GSIZE_FORMAT " is '%s', not '%s'", g_quark_to_string (domain), i, name,
                  names[i]);
    }
}

#define ASSERT_NAMES(domain, names, last)                                                          \
  do                                                                                               \
    {                                                                                              \
      assert_int_equal (G_N_ELEMENTS (names), last + 1);                                           \
      assert_names (domain, names, G_N_ELEMENTS (names));                                          \
    }                                                                                              \
  while (FALSE)

static void
test_who_may_not_is_told_so (void **state)
{
  static const char *const names[] = {
    [EA_AUTHORITY_ERROR_DENIED] = "NotAuthorized",
    [EA_AUTHORITY_ERROR_LIMIT] = "LimitExceeded",
  };

  ASSERT_NAMES (EA_AUTHORITY_ERROR, names, EA_AUTHORITY_ERROR_LIMIT);
}

static void
test_errors_of_the_store_have_names_of_their_own (void **state)
{
  static const char *const names[] = {
    [EA_STORE_ERROR_NOT_FOUND] = "StoreFailed",   [EA_STORE_ERROR_FULL] = "StoreFull",
    [EA_STORE_ERROR_READ_ONLY] = "StoreReadOnly", [EA_STORE_ERROR_FAILED] = "StoreFailed",
    [EA_STORE_ERROR_DAMAGED] = "StoreFailed",     [EA_STORE_ERROR_LIMIT] = "StoreFailed",
  };

  ASSERT_NAMES (EA_STORE_ERROR, names, EA_STORE_ERROR_LIMIT);
}

static void
test_errors_of_a_modem_have_names (void **state)
{
  static const char *const names[] = {
    [EA_MODEM_ERROR_FAILED] = "ModemFailed",
    [EA_MODEM_ERROR_ACCESS_DENIED] = "AccessDenied",
    [EA_MODEM_ERROR_CLIENT_IDS_EXHAUSTED] = "ClientIdsExhausted",
    [EA_MODEM_ERROR_UNSUPPORTED] = "ModemFailed",
    [EA_MODEM_ERROR_BUSY] = "Busy",
    [EA_MODEM_ERROR_CARD_ABSENT] = "CardAbsent",
    [EA_MODEM_ERROR_NO_APPLICATION] = "ModemFailed",
    [EA_MODEM_ERROR_TIMEOUT] = "Timeout",
    [EA_MODEM_ERROR_GONE] = "ModemFailed",
    [EA_MODEM_ERROR_NO_PROXY] = "ModemFailed",
    [EA_MODEM_ERROR_PROTOCOL] = "ProtocolError",
    [EA_MODEM_ERROR_NO_SERVICE] = "NotRegistered",
    [EA_MODEM_ERROR_NETWORK] = "ModemFailed",
  };

  ASSERT_NAMES (EA_MODEM_ERROR, names, EA_MODEM_ERROR_NETWORK);
}

static void
test_every_error_of_a_bearer_is_that_there_is_none (void **state)
{
  for (int code = 0; code <= (int) EA_BEARER_ERROR_NETWORK; code++)
    {
      g_autoptr (GError) error = g_error_new (EA_BEARER_ERROR, code, "as the test says");

      assert_string_equal (ea_error_name_get (error), "NoBearer");
    }
}

static void
test_errors_of_a_link_have_names (void **state)
{
  static const char *const names[] = {
    [EA_LINK_ERROR_FAILED] = "ConnectFailed",         [EA_LINK_ERROR_REFUSED] = "ConnectFailed",
    [EA_LINK_ERROR_UNREACHABLE] = "ConnectFailed",    [EA_LINK_ERROR_TIMED_OUT] = "Timeout",
    [EA_LINK_ERROR_RESET] = "ConnectFailed",          [EA_LINK_ERROR_CLOSED] = "ConnectFailed",
    [EA_LINK_ERROR_ADDRESS_IN_USE] = "ConnectFailed", [EA_LINK_ERROR_NO_INTERFACE] = "NoBearer",
    [EA_LINK_ERROR_NOT_ALLOWED] = "AccessDenied",     [EA_LINK_ERROR_FULL] = "ConnectFailed",
    [EA_LINK_ERROR_TOO_LARGE] = "ConnectFailed",
  };

  ASSERT_NAMES (EA_LINK_ERROR, names, EA_LINK_ERROR_TOO_LARGE);
}

static void
test_errors_of_a_resolver_have_names (void **state)
{
  static const char *const names[] = {
    [EA_RESOLVER_ERROR_FAILED] = "ResolveFailed",
    [EA_RESOLVER_ERROR_BAD_NAME] = "InvalidArgument",
    [EA_RESOLVER_ERROR_NOT_FOUND] = "ResolveFailed",
    [EA_RESOLVER_ERROR_SERVER_FAILED] = "ResolveFailed",
    [EA_RESOLVER_ERROR_TIMED_OUT] = "Timeout",
    [EA_RESOLVER_ERROR_UNREACHABLE] = "ResolveFailed",
    [EA_RESOLVER_ERROR_NO_INTERFACE] = "NoBearer",
    [EA_RESOLVER_ERROR_NOT_ALLOWED] = "AccessDenied",
  };

  ASSERT_NAMES (EA_RESOLVER_ERROR, names, EA_RESOLVER_ERROR_NOT_ALLOWED);
}

/* Each fault of a handshake that somebody can mend has a name of its own. */
static void
test_errors_of_tls_have_names_of_their_own (void **state)
{
  static const char *const names[] = {
    [EA_PSK_TLS_ERROR_FAILED] = "HandshakeFailed",
    [EA_PSK_TLS_ERROR_IDENTITY_REFUSED] = "UnknownIdentity",
    [EA_PSK_TLS_ERROR_KEY_REFUSED] = "WrongKey",
    [EA_PSK_TLS_ERROR_NO_COMMON_SUITE] = "NoCommonCipherSuite",
    [EA_PSK_TLS_ERROR_VERSION] = "TlsVersion",
    [EA_PSK_TLS_ERROR_ALERT] = "HandshakeFailed",
    [EA_PSK_TLS_ERROR_TIMED_OUT] = "Timeout",
    [EA_PSK_TLS_ERROR_TRUNCATED] = "ConnectionLost",
    [EA_PSK_TLS_ERROR_PROTOCOL] = "ProtocolError",
  };

  ASSERT_NAMES (EA_PSK_TLS_ERROR, names, EA_PSK_TLS_ERROR_PROTOCOL);
}

static void
test_errors_of_an_sm_sr_have_names_of_their_own (void **state)
{
  static const char *const names[] = {
    [EA_ADMIN_ERROR_PROTOCOL] = "ProtocolError",   [EA_ADMIN_ERROR_LIMIT] = "LimitExceeded",
    [EA_ADMIN_ERROR_TRUNCATED] = "Truncated",      [EA_ADMIN_ERROR_STATUS] = "ServerError",
    [EA_ADMIN_ERROR_REDIRECT] = "RedirectRefused", [EA_ADMIN_ERROR_TYPE] = "WrongContentType",
  };

  ASSERT_NAMES (EA_ADMIN_ERROR, names, EA_ADMIN_ERROR_TYPE);
}

static void
test_errors_of_a_cattp_link_have_names_of_their_own (void **state)
{
  static const char *const names[] = {
    [EA_CATTP_LINK_ERROR_NO_ANSWER] = "Timeout",
    [EA_CATTP_LINK_ERROR_REFUSED] = "ConnectFailed",
    [EA_CATTP_LINK_ERROR_RESET] = "ConnectionLost",
    [EA_CATTP_LINK_ERROR_PROTOCOL] = "ProtocolError",
    [EA_CATTP_LINK_ERROR_LIMIT] = "LimitExceeded",
  };

  ASSERT_NAMES (EA_CATTP_LINK_ERROR, names, EA_CATTP_LINK_ERROR_LIMIT);
}

static void
test_errors_of_a_session_have_names_of_their_own (void **state)
{
  static const char *const names[] = {
    [EA_SESSION_ERROR_NO_TRANSPORT] = "NoSuchTransport",
    [EA_SESSION_ERROR_NO_KEY] = "NoKey",
    [EA_SESSION_ERROR_INVALID] = "InvalidArgument",
    [EA_SESSION_ERROR_FULL] = "Busy",
    [EA_SESSION_ERROR_CANCELLED] = "Cancelled",
    [EA_SESSION_ERROR_TIMED_OUT] = "Timeout",
    [EA_SESSION_ERROR_CARD_ABSENT] = "CardAbsent",
    [EA_SESSION_ERROR_NOT_ALLOWED] = "AddressRefused",
    [EA_SESSION_ERROR_NO_APPLICATION] = "UnknownApplication",
    [EA_SESSION_ERROR_SCRIPT] = "ScriptMalformed",
    [EA_SESSION_ERROR_COMMAND] = "CommandRefused",
    [EA_SESSION_ERROR_LOST] = "ConnectionLost",
    [EA_SESSION_ERROR_KEYS_CHANGED] = "KeysChanged",
    [EA_SESSION_ERROR_INTERRUPTED] = "Interrupted",
  };

  ASSERT_NAMES (EA_SESSION_ERROR, names, EA_SESSION_ERROR_INTERRUPTED);
}

static void
test_every_error_of_the_core_is_one_of_the_protocol (void **state)
{
  for (int code = 0; code <= (int) EA_CORE_ERROR_LIMIT; code++)
    {
      g_autoptr (GError) error = g_error_new (EA_CORE_ERROR, code, "as the test says");

      assert_string_equal (ea_error_name_get (error), "ProtocolError");
    }
}

static void
test_what_was_cancelled_is_called_so (void **state)
{
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "as the test says");

  assert_string_equal (ea_error_name_get (error), "Cancelled");
}

static void
test_the_bus_has_the_names_with_a_prefix (void **state)
{
  g_autoptr (GError) error = g_error_new (EA_SESSION_ERROR, EA_SESSION_ERROR_NO_KEY, "no key");
  g_autofree char *name = ea_error_name_get_for_bus (error);

  assert_string_equal (name, "org.euicc.Agent1.Error.NoKey");
  assert_true (g_dbus_is_error_name (name));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_who_may_not_is_told_so),
    cmocka_unit_test (test_errors_of_the_store_have_names_of_their_own),
    cmocka_unit_test (test_errors_of_a_modem_have_names),
    cmocka_unit_test (test_every_error_of_a_bearer_is_that_there_is_none),
    cmocka_unit_test (test_errors_of_a_link_have_names),
    cmocka_unit_test (test_errors_of_a_resolver_have_names),
    cmocka_unit_test (test_errors_of_tls_have_names_of_their_own),
    cmocka_unit_test (test_errors_of_an_sm_sr_have_names_of_their_own),
    cmocka_unit_test (test_errors_of_a_cattp_link_have_names_of_their_own),
    cmocka_unit_test (test_errors_of_a_session_have_names_of_their_own),
    cmocka_unit_test (test_every_error_of_the_core_is_one_of_the_protocol),
    cmocka_unit_test (test_what_was_cancelled_is_called_so),
    cmocka_unit_test (test_the_bus_has_the_names_with_a_prefix),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
