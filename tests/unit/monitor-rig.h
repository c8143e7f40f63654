/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fake-port-manager.h"
#include "modem/monitor.h"
#include "private-bus.h"
#include "wait.h"

/*
 * What tests of the monitor share: a bus where ModemManager may come, and a diary of what the monitor told, one line each:
 *
 *   + PATH DEVICE-ID
 *   - PATH DEVICE-ID
 */

typedef struct
{
  GTestDBus *bus;
  GDBusConnection *service; /* of ModemManager */
  GDBusConnection *client;
  EaModemManager *modem_manager;
  FakePortManager *fake; /* NULL: ModemManager is not there */
  EaMonitor *monitor;
  GString *diary;
  guint n_lines;
  char *folder; /* for nodes that the kernel does not know */
} MonitorRig;

int monitor_rig_setup (void **state);
int monitor_rig_teardown (void **state);

/* A test with a rig of its own; cmocka.h has to be included. */
#define MONITOR_RIG_TEST(name)                                                                     \
  cmocka_unit_test_setup_teardown (name, monitor_rig_setup, monitor_rig_teardown)

/* @glob: (nullable): the only one */
void monitor_rig_start (MonitorRig *rig, const char *glob, EaMonitorSource source, guint grace_ms);

/* ModemManager comes, or goes, and the monitor knows. */
void monitor_rig_bring_manager (MonitorRig *rig);
void monitor_rig_end_manager (MonitorRig *rig);

/* ModemManager has @port, and the agent knows: for what is there before the monitor starts. */
void monitor_rig_await_port (MonitorRig *rig, const char *port);

/* (transfer full): a file in the rig's folder that is made anew */
char *monitor_rig_make_node (MonitorRig *rig, const char *name);
void monitor_rig_remove_node (MonitorRig *rig, const char *name);

/* Waits until so many lines were told since the last time, and compares them; then nothing more comes by itself. */
void monitor_rig_await (MonitorRig *rig, guint n_lines, const char *expected);

/* What ModemManager has done so far has been seen, and the monitor has told nothing of it. */
void monitor_rig_expect_silence (MonitorRig *rig);
