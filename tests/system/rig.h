/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/*
 * The test rig: a private bus, the simulator and the real daemon, each a process of its own. Everything
 * waits for an event with a deadline; whatever does not come in time fails the test with what was seen.
 */

#define RIG_DEADLINE_S 60

/* Channels go over the loopback interface, which is closed to them by default. */
#define RIG_LOOPBACK_CONFIG "[bearer]\nInterface=lo\nAllowAddresses=127.0.0.0/8\n"

/* A command packet in an SMS-DELIVER, checked with independent encoders: key set 01, SPI 1639, counter 1,
 * GET DATA 5A to the ISD-R. */
#define RIG_COMMAND_TPDU                                                                           \
  "440C919451214365877FF6621122010000002D02700000281516391212000001954EB8A317C64D5169E703F859A4"   \
  "0693DF4FCE92B5A3A849C286D5B96F54940F"

typedef struct
{
  char *directory;       /* of the simulator, and its cdc-wdm0 */
  char *state_directory; /* of the daemon */
  GTestDBus *bus;
  GDBusConnection *connection;
  GSubprocess *simulator;
  GSubprocess *agent;
  GSocketConnection *begun; /* rig_begin_control() */
  guint number;             /* of the eUICC that is looked at */
  GDBusProxy *euicc;        /* Euicc/NUMBER */
  char *config;             /* path of a file by rig_write_config(), or NULL */
  char *credentials;        /* directory of the key file by rig_write_keys(), or NULL */
  char *log;                /* path of the daemon's standard error from rig_keep_log(), or NULL */
  const char *device;       /* of the daemon; NULL: all of the simulator */
  /* Names and values for every daemon that is started from now on, or NULL */
  const char *const *environment;
  /* Start the daemon as its service does: not for debugging, without capabilities */
  gboolean is_plain;
} Rig;

/* cmocka fixtures: a rig with a bus; tests start what they need. */
int rig_setup (void **state);
int rig_teardown (void **state);

/* A test with a rig of its own; cmocka.h has to be included. */
#define RIG_TEST(name) cmocka_unit_test_setup_teardown (name, rig_setup, rig_teardown)

/* Starts the simulator and waits until it is ready. Options end with NULL. */
void rig_start_simulator (Rig *rig, ...) G_GNUC_NULL_TERMINATED;
void rig_stop_simulator (Rig *rig);

/* The configuration of every daemon that is started from now on, instead of that of the machine. */
void rig_write_config (Rig *rig, const char *text);

/* The key file of the daemon, as a service manager hands it over. */
void rig_write_keys (Rig *rig, const char *text);

/* The log of every daemon that is started from now on goes to a file, and (transfer full) all of it so far. */
void rig_keep_log (Rig *rig);
char *rig_read_log (Rig *rig);

/* Waits until @text is in the log. */
void rig_await_log (Rig *rig, const char *text);

/* Starts the daemon for the simulator's device; waits until it owns its name. */
void rig_start_agent (Rig *rig, ...) G_GNUC_NULL_TERMINATED;

/* The same without waiting: it may not live for long. */
void rig_spawn_agent (Rig *rig, ...) G_GNUC_NULL_TERMINATED;

/* SIGTERM, and an exit status of 0, which includes no leak under LeakSanitizer. */
void rig_stop_agent (Rig *rig);
void rig_kill_agent (Rig *rig);

/* SIGHUP */
void rig_reload_agent (Rig *rig);

/* The simulator and the daemon, and Euicc/0 in the state "ready". */
void rig_start (Rig *rig);

/* (transfer full): the simulator's reply to a control command; lines of a list are joined by newlines. */
char *rig_control (Rig *rig, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Expects @reply of the simulator to a command. */
void rig_expect_control (Rig *rig, const char *reply, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* The same in two halves, for a command whose reply takes its time. One at a time. */
void rig_begin_control (Rig *rig, const char *format, ...) G_GNUC_PRINTF (2, 3);
char *rig_end_control (Rig *rig);

/* Runs the main loop until @is_met; FALSE at the deadline. */
gboolean rig_await_that (gboolean (*is_met) (gpointer data), gpointer data);

/* For a condition of rig_await_that() that has no event of its own: it is looked at again after this. */
void rig_look_again (guint interval_ms);

/* Waits until the simulator's modem has got this many QMI requests; takes them from its list. */
void rig_await_requests (Rig *rig, guint n_requests);

/* Waits until the card has got an APDU that has @text in it; takes the APDUs from the simulator's list. */
void rig_await_apdu (Rig *rig, const char *text);

/* Asks the simulator for its state again and again until @text is in it. */
void rig_await_simulator (Rig *rig, const char *text);

/* From now on the other functions are about Euicc/@number, and wait for this. */
void rig_await_number (Rig *rig, guint number, const char *property, const char *value);

/* Waits until a property of Euicc/0 has a value. */
void rig_await (Rig *rig, const char *property, const char *value);

/* Waits until a counter of Euicc/0 has at least this value. */
void rig_await_counter (Rig *rig, const char *counter, guint64 value);
guint64 rig_get_counter (Rig *rig, const char *counter);

/* (transfer full): a string property of Euicc/0, or the first string of one that has several, such as LastError */
char *rig_get (Rig *rig, const char *property);

/* (transfer full): euiccctl on the rig's bus, with a pipe from its standard output */
GSubprocess *rig_spawn_client (Rig *rig, ...) G_GNUC_NULL_TERMINATED;

/* (transfer full): standard output of euiccctl on the rig's bus; @status (out) (optional) */
char *rig_run_client (Rig *rig, int *status, ...) G_GNUC_NULL_TERMINATED;

/* (transfer full): the history, in euiccctl's JSON, as soon as @text is in it */
char *rig_await_history (Rig *rig, const char *text);

/* @actual: (nullable): as none that has @expected in it */
void rig_assert_has (const char *actual, const char *expected);
