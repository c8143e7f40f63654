/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "https-rig.h"

/* What tests of bad callers share: clients of their own, and whether the agent is as well as before. */

#define BUS_AGENT "org.euicc.Agent1"
#define BUS_ROOT "/org/euicc/Agent1"
#define BUS_EUICC BUS_ROOT "/Euicc/0"
#define BUS_MANAGER_INTERFACE BUS_AGENT ".Manager"
#define BUS_EUICC_INTERFACE BUS_AGENT ".Euicc"
#define BUS_SESSION_INTERFACE BUS_AGENT ".Session"
#define BUS_PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"
#define BUS_LIMIT_EXCEEDED BUS_AGENT ".Error.LimitExceeded"

/* How long anybody who calls waits at most, whatever others do */
#define BUS_DEADLINE_MS 10000

/* (transfer full): a connection to the rig's bus, as of another process */
GDBusConnection *caller_connect (Rig *rig);

/* Closes and releases it. */
void caller_disconnect (GDBusConnection *connection);

/* (transfer full) (nullable): the reply in time, or NULL with the remote error's name in @name; @parameters is taken */
GVariant *caller_ask (GDBusConnection *connection, const char *path, const char *interface,
                      const char *method, GVariant *parameters, char **name);

/* Expects the error's name. */
void caller_expect_error (GDBusConnection *connection, const char *path, const char *interface,
                          const char *method, GVariant *parameters, const char *name);

/* The agent before somebody does it harm */
typedef struct
{
  guint n_files;
  guint64 memory_kib; /* resident */
} AgentHealth;

/* The agent's log has to be kept: rig_keep_log(). */
void caller_note_health (Rig *rig, AgentHealth *health);

/* Fails the test when the agent has more than @growth_kib of memory more, but not under AddressSanitizer, which keeps
 * what is freed. */
void caller_expect_memory (Rig *rig, const AgentHealth *health, guint64 growth_kib);

/*
 * Fails the test unless the agent is ready, answers a new client, has no file more, has @growth_kib of memory more at most, and
 * has logged no fault of its own.
 */
void caller_expect_health (Rig *rig, const AgentHealth *health, guint64 growth_kib);
