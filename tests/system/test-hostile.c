/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The whole daemon against a modem, a card, an SM-SR and a name server that are hostile: the simulator spoils some of
 * all that it sends, while short messages, proactive commands and sessions come without a pause, most of them spoilt,
 * too. After each round everybody is honest again, and the same daemon has to be as it was. EA_TEST_SEED repeats what a
 * seed drew; EA_TEST_ROUNDS and EA_TEST_ROUND_S say how long it takes.
 */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "caller-rig.h"
#include "card/sim-keys.h"
#include "card/sim-sms.h"
#include "fault-rig.h"
#include "hostility.h"
#include "vectors.h"

#define ROUNDS 5
#define ROUND_S 5
#define PAUSE_MAX_MS 20
#define ORDER_MAX_US G_USEC_PER_SEC
#define LOOK_MS 100
#define QUIET_LOOKS 15

/* Since the end of a siege: how long an answer to what was sent in it may come, or the SM-SR wait for one. What the
 * modem has refused is tried again when the network is there anew. */
#define LATE_MAX_US (30 * G_USEC_PER_SEC)

#define LOG_SHOWN 4000
#define HONEST_COMMANDS 3
#define EVENTS_A_SHOCK 80
#define EVENTS_A_REPLUG 250
#define COMMAND_MAX 2000

/* Counters of one round's packets are below those of the next one's */
#define COUNTERS_A_ROUND 100000
#define HONEST_COUNTER 90000

/* Resident memory that a daemon of many sessions may have more than one of a single session: its history, its logs of
 * sessions and what malloc() keeps */
#define GROWTH_KIB 6144

/* A control command whose reply is not read */
typedef struct
{
  GSocketConnection *connection;
  gint64 time_us; /* when it was given */
} Order;

typedef struct
{
  FaultRig fault;
  SimHostility chance; /* of what the test itself sends */
  GPtrArray *messages; /* of Vector */
  GPtrArray *commands;
  guint seed; /* of the first round, less one */
  guint64 counter;
  guint n_events;
  guint n_quiet; /* looks */
  gint64 end_us; /* of the hostility */
  Order message;
  Order command;
} Siege;

typedef void (*Event) (Siege *siege);

static guint
draw (Siege *siege, guint limit)
{
  return sim_hostility_draw (&siege->chance, limit);
}

/* What comes of it is not waited for: the reply may never come. */
static void
order (Siege *siege, const char *command)
{
  rig_begin_control (siege->fault.rig, "%.*s", COMMAND_MAX, command);
  g_clear_object (&siege->fault.rig->begun);
}

/* The one before has its reply, or it takes too long: otherwise the siege would go on behind its end. */
static gboolean
is_over (const Order *given)
{
  return given->connection == NULL || g_get_monotonic_time () - given->time_us > ORDER_MAX_US
         || g_socket_condition_check (g_socket_connection_get_socket (given->connection), G_IO_IN)
                != 0;
}

static void
order_octets (Siege *siege, Order *given, const char *what, GBytes *octets)
{
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (octets));

  g_clear_object (&given->connection);
  rig_begin_control (siege->fault.rig, "%s %.*s", what, COMMAND_MAX, hex);
  given->connection = g_steal_pointer (&siege->fault.rig->begun);
  given->time_us = g_get_monotonic_time ();
}

/* Some short messages have their service centre in front, as a card stores them. */
static EaSpan
get_octets (const Vector *vector)
{
  EaSpan octets = ea_span_from_bytes (vector->bytes);
  EaReader reader;

  if (vector_get_string (vector, "smsc") == NULL)
    return octets;
  ea_reader_init (&reader, octets);
  (void) ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  return ea_reader_rest (&reader);
}

/* Three of four are spoilt. */
static void
send_vector (Siege *siege, Order *given, const char *what, GPtrArray *vectors)
{
  EaSpan whole = get_octets (g_ptr_array_index (vectors, draw (siege, vectors->len)));
  g_autoptr (GBytes) octets = draw (siege, 4) == 0 ? ea_span_to_bytes (whole)
                                                   : sim_hostility_spoil (&siege->chance, whole);

  order_octets (siege, given, what, octets);
}

static void
send_message (Siege *siege)
{
  if (is_over (&siege->message))
    send_vector (siege, &siege->message, "sms", siege->messages);
}

static void
send_command (Siege *siege)
{
  if (is_over (&siege->command))
    send_vector (siege, &siege->command, "proactive", siege->commands);
}

/* Sealed with the agent's own key: what is in it is spoilt, or drawn. */
static void
send_sealed (Siege *siege)
{
  static const guint8 originator[] = { 0x0C, 0x91, 0x94, 0x51, 0x21, 0x43, 0x65, 0x87 };
  static const guint8 script[] = { 0xAA, 0x0E, 0x22, 0x05, 0x80, 0xCA, 0x00, 0x5A,
                                   0x00, 0x22, 0x05, 0x80, 0xCA, 0xFF, 0x21, 0x00 };
  const SimScp80Command header
      = { .spi1 = 0x16,
          .spi2 = (guint8) (draw (siege, 2) == 0 ? 0x39 : draw (siege, 64)),
          .kic = SIM_KEYS_AES_IDENTIFIER,
          .kid = SIM_KEYS_AES_IDENTIFIER,
          .tar = SIM_TAR_ISD_R,
          .counter = ++siege->counter };
  g_autoptr (GBytes) data = draw (siege, 2) == 0
                                ? sim_hostility_spoil (&siege->chance, EA_SPAN_OF_ARRAY (script))
                                : sim_hostility_draw_octets (&siege->chance, draw (siege, 300));
  g_autoptr (GBytes) packet = sim_scp80_seal_command (&header, SIM_SCP80_FORM_SMS,
                                                      ea_span_from_bytes (data), &sim_keys, NULL);
  g_autoptr (GPtrArray) tpdus = NULL;

  if (packet == NULL || !is_over (&siege->message))
    return; /* the answer would be sealed in a way that there is not */
  tpdus = sim_sms_build_deliver (EA_SPAN_OF_ARRAY (originator), ea_span_from_bytes (packet),
                                 (guint8) draw (siege, 256));
  for (guint i = 0; i < tpdus->len; i++)
    order_octets (siege, &siege->message, "sms", g_ptr_array_index (tpdus, i));
}

/* By the SM-SR, whose answers are spoilt by itself; one operation at a time, for the others are refused */
static void
begin_operation (Siege *siege)
{
  static const char *const operations[]
      = { "smsr send-script --generate 3 --via sms --timeout 3",
          "smsr send-script --generate 20 --via https --timeout 4",
          "smsr send-script --generate 20 --via https --no-trigger --timeout 4",
          "smsr send-script --generate 20 --via cat-tp --timeout 4",
          "smsr send-script --generate 20 --via cat-tp --no-trigger --timeout 4",
          "smsr audit --via sms --timeout 3",
          "smsr push-https --via sms --timeout 3" };

  order (siege, operations[draw (siege, G_N_ELEMENTS (operations))]);
}

static void
open_session (Siege *siege)
{
  const char *transport = draw (siege, 2) == 0 ? "https" : "cat-tp";

  g_dbus_connection_call (siege->fault.rig->connection, BUS_AGENT, BUS_EUICC, BUS_EUICC_INTERFACE,
                          "OpenSession",
                          g_variant_new ("(s@a{sv})", transport,
                                         g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0)),
                          NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL); /* refused or not */
}

static void
shake (Siege *siege)
{
  static const char *const shocks[]
      = { "reset",
          "refresh 04",
          "refresh 01",
          "refresh 00",
          "card out",
          "card in",
          "network lost",
          "network back",
          "dns " FAULT_NAME " " FAULT_ADDRESS " ::1 192.0.2.1 --ttl 0",
          "dns " FAULT_NAME " " FAULT_ADDRESS " --ttl 0 --fail lie",
          "dns " FAULT_NAME " " FAULT_ADDRESS " --ttl 0",
          "smsr-style chunks=1 tight",
          "smsr-style chunks=random:7 reverse lower",
          "smsr-style default" };

  order (siege, shocks[draw (siege, G_N_ELEMENTS (shocks))]);
}

static void
do_something (Siege *siege)
{
  static const Event events[]
      = { send_message, send_message, send_command, send_command,   send_command,
          send_sealed,  send_sealed,  open_session, begin_operation };

  siege->n_events++;
  if (draw (siege, EVENTS_A_REPLUG) == 0)
    order (siege, "replug");
  else if (draw (siege, EVENTS_A_SHOCK) == 0)
    shake (siege);
  else
    events[draw (siege, G_N_ELEMENTS (events))](siege);
}

/* The main loop turns for this long. */
static void
pass (guint pause_ms)
{
  gint64 end_us = g_get_monotonic_time () + pause_ms * G_TIME_SPAN_MILLISECOND;

  rig_look_again (pause_ms + 1);
  while (g_get_monotonic_time () < end_us)
    g_main_context_iteration (NULL, TRUE);
}

/* A part alone comes deeper than all of them together. */
static void
begin_hostility (Siege *siege)
{
  static const char *const parts[] = { "", "", "qmi", "card", "https cat-tp dns", "qmi card" };
  static const guint percents[] = { 2, 5, 10, 20 };
  g_autofree char *command = g_strdup_printf ("hostile %u %u %s", draw (siege, G_MAXINT),
                                              percents[draw (siege, G_N_ELEMENTS (percents))],
                                              parts[draw (siege, G_N_ELEMENTS (parts))]);

  print_message ("%s\n", command);
  fault_rig_order (&siege->fault, command);
}

/* The modem and its card get new power, which ends what they were in the middle of. */
static void
end_hostility (Siege *siege)
{
  static const char *const orders[] = { "smsr-style default", "network back", "card in" };
  Rig *rig = siege->fault.rig;
  g_autofree char *counts = rig_control (rig, "hostile off");

  print_message ("%u events; %s\n", siege->n_events, counts);
  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    g_free (rig_control (rig, "%s", orders[i])); /* some were so already */
  fault_rig_tell_name (&siege->fault, FAULT_ADDRESS " --ttl 0");
  g_free (rig_control (rig, "hangup")); /* a "replug" that was late may have come between */
  rig_await (rig, "State", "absent");
  rig_expect_control (rig, "ok", "replug");
  siege->end_us = g_get_monotonic_time ();
}

static gboolean
have_sessions_ended (gpointer data)
{
  Siege *siege = data;
  g_autofree char *name = NULL;
  g_autoptr (GVariant) objects
      = caller_ask (siege->fault.rig->connection, BUS_ROOT, "org.freedesktop.DBus.ObjectManager",
                    "GetManagedObjects", NULL, &name);
  g_autofree char *text = objects != NULL ? g_variant_print (objects, FALSE) : g_strdup ("");

  rig_look_again (LOOK_MS); /* look again then */
  return https_count (text, "'" BUS_SESSION_INTERFACE "'")
         == https_count (text, "'State': <'closed'>");
}

/* The agent has answered all that it has to: it sends no short message for some time. */
static gboolean
is_quiet (gpointer data)
{
  Siege *siege = data;
  g_autofree char *sent = rig_control (siege->fault.rig, "sent-sms");

  siege->n_quiet = sent[0] == '\0' ? siege->n_quiet + 1 : 0;
  rig_look_again (LOOK_MS); /* the simulator has no events: ask again then */
  return siege->n_quiet >= QUIET_LOOKS;
}

/* FALSE: an answer to a packet of the siege was late and taken for this one's, or the SM-SR still waits for one. Some
 * time after the siege neither may be so. */
static gboolean
has_run_honest_script (Siege *siege)
{
  guint64 counter = ++siege->counter + HONEST_COUNTER;
  g_autofree char *begin = g_strdup_printf (
      "ok packets=1 counter=%" G_GUINT64_FORMAT " status=00 executed=3 ", counter);
  gint64 begin_us;
  g_autofree char *reply = NULL;

  siege->n_quiet = 0;
  if (!rig_await_that (is_quiet, siege))
    fail_msg ("the agent sends short messages without end");
  g_free (rig_control (siege->fault.rig, "ledger"));
  begin_us = g_get_monotonic_time ();
  reply = rig_control (siege->fault.rig,
                       "smsr send-script --generate 3 --via sms --counter %" G_GUINT64_FORMAT,
                       counter);
  if (strstr (reply, begin) == NULL)
    print_message ("%.1f s after the siege: %s\n",
                   (double) (begin_us - siege->end_us) / G_USEC_PER_SEC, reply);
  if (begin_us < siege->end_us + LATE_MAX_US
      && (strstr (reply, "busy") != NULL || g_str_has_prefix (reply, "error proof of receipt: ")))
    return FALSE;
  rig_assert_has (reply, begin);
  return TRUE;
}

static void
expect_no_failed_assertion (const char *log)
{
  static const char *const signs[]
      = { "assertion '",        "invalid cast", "invalid unclassed", "runtime error", "Sanitizer",
          "was not found when", "GLib-",        "** (process:" };

  for (guint i = 0; i < G_N_ELEMENTS (signs); i++)
    {
      const char *found = strstr (log, signs[i]);

      if (found != NULL)
        fail_msg ("the agent's log: …%.400s", MAX (log, found - 200));
    }
}

static void
expect_no_secret (const char *log)
{
  static const char *const secrets[]
      = { "30313233343536373839414243444546", "50515253545556575859616263646566",
          "404142434445464748494A4B4C4D4E4F", "404142434445464748494a4b4c4d4e4f" };

  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    assert_null (strstr (log, secrets[i]));
}

static void
expect_honest_work (Siege *siege)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);

  while (!has_run_honest_script (siege))
    ; /* it has a time */
  fault_rig_begin_operation (&siege->fault, "--no-trigger");
  fault_rig_have_clean_session (&siege->fault, "a siege");
  fault_rig_expect_good_reply (&siege->fault, "a siege");
  https_count_runs (siege->fault.rig, numbers);
  assert_int_equal (g_hash_table_size (numbers), HONEST_COMMANDS);
}

/* Whatever is missed then, this says more of it. */
static void
expect_life (Siege *siege)
{
  g_autofree char *log = rig_read_log (siege->fault.rig);
  gsize size = strlen (log);

  if (g_subprocess_get_identifier (siege->fault.rig->agent) == NULL)
    fail_msg ("the agent is gone: …%s", log + size - MIN (size, LOG_SHOWN));
}

static void
expect_health (Siege *siege)
{
  g_autofree char *log = NULL;

  rig_await (siege->fault.rig, "State", "ready");
  if (!rig_await_that (have_sessions_ended, siege))
    fail_msg ("sessions go on and on");
  https_await_nothing_left (siege->fault.rig, siege->fault.n_files);
  expect_honest_work (siege);
  log = rig_read_log (siege->fault.rig);
  expect_no_failed_assertion (log);
  expect_no_secret (log);
}

static void
have_round (Siege *siege, guint number, guint seconds)
{
  gint64 end_us = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;

  siege->counter = (guint64) number * COUNTERS_A_ROUND;
  sim_hostility_begin (&siege->chance, siege->seed + number, 100, SIM_HOSTILE_ALL);
  begin_hostility (siege);
  while (g_get_monotonic_time () < end_us)
    {
      do_something (siege);
      pass (1 + draw (siege, PAUSE_MAX_MS));
    }
  expect_life (siege);
  end_hostility (siege);
  expect_health (siege);
}

static void
test_agent_outlives_everybody_that_is_hostile (void **state)
{
  static const FaultSetup setup
      = { "https", "RetryLimit=1\nRetryDelay=1\nRetryMaximum=1\nTimeout=1\n", FAULT_NAME, "" };
  guint n_rounds = https_get_setting ("EA_TEST_ROUNDS", ROUNDS);
  guint seconds = https_get_setting ("EA_TEST_ROUND_S", ROUND_S);
  Siege siege = { .seed = https_get_setting ("EA_TEST_SEED", 1),
                  .messages = vectors_load ("sms-deliver.tsv"),
                  .commands = vectors_load ("more-proactive.tsv") };
  AgentHealth health = { 0 };

  print_message ("EA_TEST_SEED=%u\n", siege.seed);
  fault_rig_start (&siege.fault, *state, &setup);
  for (guint i = 1; i <= n_rounds; i++)
    {
      have_round (&siege, i, seconds);
      if (i == 1)
        caller_note_health (siege.fault.rig, &health); /* all code was used once */
      caller_expect_memory (siege.fault.rig, &health, GROWTH_KIB);
    }

  fault_rig_end (&siege.fault);
  sim_hostility_end (&siege.chance);
  g_clear_object (&siege.message.connection);
  g_clear_object (&siege.command.connection);
  g_ptr_array_unref (siege.messages);
  g_ptr_array_unref (siege.commands);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_agent_outlives_everybody_that_is_hostile),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
