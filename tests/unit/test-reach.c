/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The way to the SM-SR (agent/session/reach.h): a bearer, a name server in the test's hand, and peers over loopback. */

#include "session/reach.h"

#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns-server.h"
#include "helpers.h"
#include "link-peer.h"

#define NAME "smsr.example.com"
#define QUESTION "A " NAME
#define LOOPBACK "lo"
#define TTL_S 60

/* What is limited to a second, or cancelled, is over by then; nothing else is. */
#define SOON_US (10 * G_USEC_PER_SEC)

/* Of the loopback interface, of which the first are open */
#define FIRST "127.0.0.1"
#define SECOND "127.0.0.2"
#define CLOSED "127.0.0.66"

typedef struct
{
  char *directory;
  DnsServer *dns;
  DnsServer *other_dns; /* which is not in the configuration */
  EaModemManager *modem_manager;
  EaLogContext log;
  EaSessionContext context;
  EaConfig *config;
  EaAddressPolicy *policy;
  EaSessionOrder order;
  EaSession *session;
  GString *diary; /* states and addresses that the session was told */
  EaReach *reach;
  GCancellable *cancellable;
  gint64 asked_us;
  guint n_done;
  EaLink *link;
  GError *error;
} Bench;

static void
on_news (EaSession *session, GParamSpec *property, gpointer user_data)
{
  Bench *bench = user_data;
  g_autofree char *text = NULL;

  g_object_get (session, property->name, &text, NULL);
  g_string_append_printf (bench->diary, "%s%s", bench->diary->len > 0 ? " " : "", text);
}

static EaBearers *
make_bearers (Bench *bench, const char *interface)
{
  const EaBearersOptions options = {
    .use = EA_BEARER_USE_EXISTING,
    .apn = "",
    .interface = interface,
    .path = "/dev/null",
  };

  return ea_bearers_new (bench->modem_manager, &options);
}

static EaConfig *
make_config (Bench *bench)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path = g_build_filename (bench->directory, "agent.conf", NULL);
  g_autofree char *text = g_strdup_printf ("[sm-sr]\nDnsServers=%s\n", bench->dns->text);
  EaConfig *config;

  assert_true (g_file_set_contents (path, text, -1, NULL));
  config = ea_config_load (path, problems);
  assert_non_null (config);
  return config;
}

static void
begin (Bench *bench)
{
  bench->session = ea_session_new (EA_SESSION_CAT_TP, EA_SESSION_DBUS, NAME);
  g_signal_connect (bench->session, "notify::state", G_CALLBACK (on_news), bench);
  g_signal_connect (bench->session, "notify::address", G_CALLBACK (on_news), bench);
  g_string_truncate (bench->diary, 0);
  bench->reach = ea_reach_new (&bench->context, &bench->order, bench->session, EA_LINK_TCP);
}

static void
end (Bench *bench)
{
  g_clear_object (&bench->reach);
  g_signal_handlers_disconnect_by_data (bench->session, bench);
  g_clear_object (&bench->session);
}

static int
setup (void **state)
{
  static const char *const allowed[] = { FIRST, SECOND, NULL };
  Bench *bench = g_new0 (Bench, 1);

  bench->directory = make_quick_directory ();
  bench->dns = dns_server_new (FIRST, 0);
  bench->other_dns = dns_server_new (FIRST, 0);
  bench->modem_manager = g_object_new (EA_TYPE_MODEM_MANAGER, NULL);
  bench->config = make_config (bench);
  bench->policy = ea_address_policy_new (allowed, NULL, NULL);
  bench->context.config = bench->config;
  bench->context.policy = bench->policy;
  bench->context.log = &bench->log;
  bench->context.resolver = ea_resolver_new ();
  bench->context.bearers = make_bearers (bench, LOOPBACK);
  bench->order.name = (char *) NAME;
  bench->order.interface = (char *) "";
  bench->order.apn = (char *) "";
  bench->order.timeout_s = 30;
  bench->cancellable = g_cancellable_new ();
  bench->diary = g_string_new (NULL);
  begin (bench);
  *state = bench;
  return 0;
}

static int
teardown (void **state)
{
  Bench *bench = *state;

  end (bench);
  g_string_free (bench->diary, TRUE);
  g_object_unref (bench->cancellable);
  g_clear_object (&bench->link);
  g_clear_error (&bench->error);
  g_clear_object (&bench->order.dns_server);
  g_clear_object (&bench->context.bearers);
  g_object_unref (bench->context.resolver);
  ea_address_policy_free (bench->policy);
  ea_config_free (bench->config);
  g_object_unref (bench->modem_manager);
  run_ready ();
  dns_server_free (bench->other_dns);
  dns_server_free (bench->dns);
  delete_directory (bench->directory);
  g_free (bench);
  return 0;
}

static void
on_reached (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;

  bench->n_done++;
  bench->link = ea_reach_next_finish (EA_REACH (source), result, &bench->error);
  assert_true ((bench->link == NULL) != (bench->error == NULL));
}

static void
ask (Bench *bench)
{
  g_clear_object (&bench->link);
  g_clear_error (&bench->error);
  bench->n_done = 0;
  bench->asked_us = g_get_monotonic_time ();
  ea_reach_next_async (bench->reach, bench->cancellable, on_reached, bench);
  assert_int_equal (bench->n_done, 0);
}

static void
await (Bench *bench)
{
  WAIT_FOR (bench->n_done > 0);
  run_ready ();
  assert_int_equal (bench->n_done, 1);
  assert_true (g_get_monotonic_time () < bench->asked_us + SOON_US);
}

/* The link that comes next leads to @address. */
static void
expect_link (Bench *bench, const char *address)
{
  g_autofree char *text = NULL;

  ask (bench);
  await (bench);
  if (bench->error != NULL)
    fail_msg ("%s", bench->error->message);
  text = g_inet_address_to_string (
      g_inet_socket_address_get_address (ea_link_get_peer (bench->link)));
  assert_string_equal (text, address);
  assert_int_equal (g_inet_socket_address_get_port (ea_link_get_peer (bench->link)),
                    bench->order.port);
  assert_true (ea_link_is_open (bench->link));
}

static void
await_error (Bench *bench, GQuark domain, int code)
{
  await (bench);
  assert_null (bench->link);
  if (!g_error_matches (bench->error, domain, code))
    fail_msg ("%s", bench->error->message);
}

static void
expect_error (Bench *bench, GQuark domain, int code)
{
  ask (bench);
  await_error (bench, domain, code);
}

/* What the session was told: that it resolves, and each address that was tried; %NULL: no more */
static void
expect_diary (Bench *bench, const char *first, const char *second, const char *third)
{
  const char *addresses[] = { first, second, third };
  g_autoptr (GString) wanted = g_string_new ("resolving");

  for (gsize i = 0; i < G_N_ELEMENTS (addresses) && addresses[i] != NULL; i++)
    g_string_append_printf (wanted, " %s:%u%s", addresses[i], bench->order.port,
                            i == 0 ? " connecting" : "");
  assert_string_equal (bench->diary->str, wanted->str);
}

/* (transfer full): somebody listens there, at the order's port */
static int
listen_at (Bench *bench, const char *address)
{
  int fd;

  if (bench->order.port == 0)
    return peer_listen (address, 1, &bench->order.port);
  fd = peer_bind (SOCK_STREAM, address, &bench->order.port);
  assert_int_equal (listen (fd, 1), 0);
  return fd;
}

static void
add_address (Bench *bench, const char *address)
{
  dns_server_add (bench->dns, NAME, DNS_A, TTL_S, address);
}

static void
test_a_name_is_resolved_and_its_address_reached_over_the_bearer (void **state)
{
  Bench *bench = *state;
  int fd = listen_at (bench, FIRST);
  g_autofree char *interface = NULL;
  g_autoptr (EaBearer) bearer = NULL;

  add_address (bench, FIRST);
  expect_link (bench, FIRST);

  expect_diary (bench, FIRST, NULL, NULL);
  assert_string_equal (ea_link_get_interface (bench->link), LOOPBACK);
  g_object_get (bench->session, "interface", &interface, NULL);
  assert_string_equal (interface, LOOPBACK);
  bearer = ea_reach_steal_bearer (bench->reach);
  assert_string_equal (ea_bearer_get_interface (bearer), LOOPBACK);
  assert_null (ea_reach_steal_bearer (bench->reach));
  close (fd);
}

static void
test_the_second_address_is_tried_when_the_first_refuses (void **state)
{
  Bench *bench = *state;
  int fd = listen_at (bench, SECOND);

  add_address (bench, FIRST);
  add_address (bench, SECOND);
  expect_link (bench, SECOND);

  expect_diary (bench, FIRST, SECOND, NULL);
  close (fd);
}

static void
test_the_second_address_is_tried_when_the_first_is_silent (void **state)
{
  Bench *bench = *state;
  PeerStalled stalled = peer_stall (); /* at FIRST */
  int fd;

  bench->order.port = stalled.port;
  bench->order.timeout_s = 1;
  fd = listen_at (bench, SECOND);
  add_address (bench, FIRST);
  add_address (bench, SECOND);
  expect_link (bench, SECOND);

  expect_diary (bench, FIRST, SECOND, NULL);
  close (fd);
  peer_stalled_close (&stalled);
}

static void
test_an_address_that_is_closed_is_passed_over (void **state)
{
  Bench *bench = *state;
  int fd = listen_at (bench, SECOND);

  add_address (bench, CLOSED);
  add_address (bench, SECOND);
  expect_link (bench, SECOND);

  expect_diary (bench, SECOND, NULL, NULL);
  close (fd);
}

static void
test_a_name_of_closed_addresses_only_is_not_allowed (void **state)
{
  Bench *bench = *state;

  add_address (bench, CLOSED);
  expect_error (bench, EA_SESSION_ERROR, EA_SESSION_ERROR_NOT_ALLOWED);

  expect_diary (bench, NULL, NULL, NULL);
}

/* Nobody listens at the other one. */
static void
check_refusal (Bench *bench, const char *first, const char *second)
{
  close (listen_at (bench, FIRST));
  add_address (bench, first);
  add_address (bench, second);

  expect_error (bench, EA_LINK_ERROR, EA_LINK_ERROR_REFUSED);
}

static void
test_what_an_address_did_is_told_rather_than_that_the_next_is_closed (void **state)
{
  check_refusal (*state, FIRST, CLOSED);
}

static void
test_what_an_address_did_is_told_rather_than_that_the_one_before_is_closed (void **state)
{
  check_refusal (*state, CLOSED, FIRST);
}

static void
test_the_next_call_goes_on_behind_the_address_before (void **state)
{
  Bench *bench = *state;
  g_autoptr (GError) first_error = g_error_new (EA_LINK_ERROR, EA_LINK_ERROR_RESET, "First");
  g_autoptr (GError) second_error = g_error_new (EA_LINK_ERROR, EA_LINK_ERROR_CLOSED, "Second");
  int first = listen_at (bench, FIRST);
  int second = listen_at (bench, SECOND);

  add_address (bench, FIRST);
  add_address (bench, SECOND);
  expect_link (bench, FIRST);
  ea_reach_note_refusal (bench->reach, first_error);
  expect_link (bench, SECOND);
  ea_reach_note_refusal (bench->reach, second_error);
  expect_error (bench, EA_LINK_ERROR, EA_LINK_ERROR_CLOSED);

  assert_string_equal (bench->error->message, "Second");
  expect_diary (bench, FIRST, SECOND, NULL);
  assert_int_equal (dns_server_count (bench->dns, QUESTION), 1);
  close (first);
  close (second);
}

static void
test_a_name_is_asked_for_anew_when_none_of_its_addresses_was_of_use (void **state)
{
  Bench *bench = *state;
  int fd;

  close (listen_at (bench, FIRST));
  add_address (bench, FIRST);
  expect_error (bench, EA_LINK_ERROR, EA_LINK_ERROR_REFUSED);
  dns_server_clear (bench->dns);
  add_address (bench, SECOND); /* it has moved */
  fd = listen_at (bench, SECOND);
  end (bench);
  begin (bench);
  expect_link (bench, SECOND);

  assert_int_equal (dns_server_count (bench->dns, QUESTION), 2);
  close (fd);
}

static void
test_a_name_whose_address_was_of_use_is_not_asked_for_anew (void **state)
{
  Bench *bench = *state;
  int fd = listen_at (bench, FIRST);

  add_address (bench, FIRST);
  expect_link (bench, FIRST);
  end (bench);
  begin (bench);
  expect_link (bench, FIRST);

  assert_int_equal (dns_server_count (bench->dns, QUESTION), 1);
  close (fd);
}

static void
test_a_name_that_does_not_exist_is_told (void **state)
{
  Bench *bench = *state;

  expect_error (bench, EA_RESOLVER_ERROR, EA_RESOLVER_ERROR_NOT_FOUND);
  expect_diary (bench, NULL, NULL, NULL);
}

static void
test_a_silent_name_server_is_waited_for_as_long_as_the_order_says (void **state)
{
  Bench *bench = *state;

  bench->order.timeout_s = 1;
  bench->dns->is_silent = TRUE;
  expect_error (bench, EA_RESOLVER_ERROR, EA_RESOLVER_ERROR_TIMED_OUT);
}

static void
test_an_address_in_digits_is_not_asked_for (void **state)
{
  Bench *bench = *state;
  int fd = listen_at (bench, SECOND);

  bench->order.name = (char *) SECOND;
  expect_link (bench, SECOND);

  assert_int_equal (bench->dns->asked->len, 0);
  close (fd);
}

static void
test_a_datagram_link_needs_nobody_at_the_other_end (void **state)
{
  Bench *bench = *state;

  bench->order.name = (char *) FIRST;
  close (listen_at (bench, FIRST));
  g_object_unref (bench->reach);
  bench->reach = ea_reach_new (&bench->context, &bench->order, bench->session, EA_LINK_UDP);
  expect_link (bench, FIRST);
}

static void
test_an_interface_of_the_order_needs_no_bearer (void **state)
{
  Bench *bench = *state;
  int fd = listen_at (bench, FIRST);

  g_object_unref (bench->context.bearers);
  bench->context.bearers = make_bearers (bench, "nosuch0");
  bench->order.interface = (char *) LOOPBACK;
  add_address (bench, FIRST);
  expect_link (bench, FIRST);

  assert_string_equal (ea_link_get_interface (bench->link), LOOPBACK);
  assert_null (ea_reach_steal_bearer (bench->reach));
  close (fd);
}

static void
test_without_a_bearer_nobody_is_asked (void **state)
{
  Bench *bench = *state;

  g_object_unref (bench->context.bearers);
  bench->context.bearers = make_bearers (bench, "nosuch0");
  add_address (bench, FIRST);
  expect_error (bench, EA_BEARER_ERROR, EA_BEARER_ERROR_NO_BEARER);

  expect_diary (bench, NULL, NULL, NULL);
  assert_int_equal (bench->dns->asked->len, 0);
}

static void
test_a_modem_that_is_gone_has_no_bearer (void **state)
{
  Bench *bench = *state;

  g_clear_object (&bench->context.bearers);
  expect_error (bench, EA_BEARER_ERROR, EA_BEARER_ERROR_NO_BEARER);

  assert_string_equal (bench->error->message, "The modem is not there");
  expect_diary (bench, NULL, NULL, NULL);
}

static void
test_a_name_server_of_the_order_is_asked_and_no_other (void **state)
{
  Bench *bench = *state;
  int fd = listen_at (bench, SECOND);

  bench->order.dns_server = g_object_ref (bench->other_dns->address);
  add_address (bench, FIRST);
  dns_server_add (bench->other_dns, NAME, DNS_A, TTL_S, SECOND);
  expect_link (bench, SECOND);

  assert_int_equal (bench->dns->asked->len, 0);
  close (fd);
}

static void
test_a_name_server_of_the_order_that_is_closed_is_not_asked (void **state)
{
  Bench *bench = *state;
  g_autoptr (DnsServer) closed = dns_server_new (CLOSED, 0);

  bench->order.dns_server = g_object_ref (closed->address);
  dns_server_add (closed, NAME, DNS_A, TTL_S, FIRST);
  expect_error (bench, EA_SESSION_ERROR, EA_SESSION_ERROR_NOT_ALLOWED);

  assert_int_equal (closed->asked->len, 0);
}

static void
expect_cancelled (Bench *bench)
{
  g_cancellable_cancel (bench->cancellable);
  await_error (bench, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_it_is_cancelled_before_there_is_a_bearer (void **state)
{
  Bench *bench = *state;

  add_address (bench, FIRST);
  ask (bench);
  expect_cancelled (bench);

  expect_diary (bench, NULL, NULL, NULL);
  assert_int_equal (bench->dns->asked->len, 0);
}

static void
test_it_is_cancelled_while_the_name_server_is_silent (void **state)
{
  Bench *bench = *state;

  bench->dns->is_silent = TRUE;
  ask (bench);
  WAIT_FOR (dns_server_count (bench->dns, QUESTION) == 1);
  expect_cancelled (bench);

  expect_diary (bench, NULL, NULL, NULL);
}

static void
test_it_is_cancelled_while_an_address_is_silent_and_no_other_is_tried (void **state)
{
  Bench *bench = *state;
  PeerStalled stalled = peer_stall (); /* at FIRST */
  int fd;

  bench->order.port = stalled.port;
  fd = listen_at (bench, SECOND);
  add_address (bench, FIRST);
  add_address (bench, SECOND);
  ask (bench);
  WAIT_FOR (ea_session_get_state (bench->session) == EA_SESSION_CONNECTING);
  expect_cancelled (bench);

  expect_diary (bench, FIRST, NULL, NULL);
  assert_true (peer_is_alone (fd));
  close (fd);
  peer_stalled_close (&stalled);
}

#define ON_BENCH(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ON_BENCH (test_a_name_is_resolved_and_its_address_reached_over_the_bearer),
    ON_BENCH (test_the_second_address_is_tried_when_the_first_refuses),
    ON_BENCH (test_the_second_address_is_tried_when_the_first_is_silent),
    ON_BENCH (test_an_address_that_is_closed_is_passed_over),
    ON_BENCH (test_a_name_of_closed_addresses_only_is_not_allowed),
    ON_BENCH (test_what_an_address_did_is_told_rather_than_that_the_next_is_closed),
    ON_BENCH (test_what_an_address_did_is_told_rather_than_that_the_one_before_is_closed),
    ON_BENCH (test_the_next_call_goes_on_behind_the_address_before),
    ON_BENCH (test_a_name_is_asked_for_anew_when_none_of_its_addresses_was_of_use),
    ON_BENCH (test_a_name_whose_address_was_of_use_is_not_asked_for_anew),
    ON_BENCH (test_a_name_that_does_not_exist_is_told),
    ON_BENCH (test_a_silent_name_server_is_waited_for_as_long_as_the_order_says),
    ON_BENCH (test_an_address_in_digits_is_not_asked_for),
    ON_BENCH (test_a_datagram_link_needs_nobody_at_the_other_end),
    ON_BENCH (test_an_interface_of_the_order_needs_no_bearer),
    ON_BENCH (test_without_a_bearer_nobody_is_asked),
    ON_BENCH (test_a_modem_that_is_gone_has_no_bearer),
    ON_BENCH (test_a_name_server_of_the_order_is_asked_and_no_other),
    ON_BENCH (test_a_name_server_of_the_order_that_is_closed_is_not_asked),
    ON_BENCH (test_it_is_cancelled_before_there_is_a_bearer),
    ON_BENCH (test_it_is_cancelled_while_the_name_server_is_silent),
    ON_BENCH (test_it_is_cancelled_while_an_address_is_silent_and_no_other_is_tried),
  };

  return cmocka_run_group_tests_name ("reach", tests, NULL, NULL);
}
