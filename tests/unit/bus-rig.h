/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus.h"

/*
 * An agent on a private bus with one eUICC that has no modem, and a client beside it, all in this process. Of a session
 * that is opened the host says how it goes: bus_rig_open_session().
 */
typedef struct
{
  char *directory;
  GTestDBus *bus;
  GDBusConnection *connection; /* the agent's */
  GDBusConnection *client;
  guint name_id;
  EaStore *store;
  EaAgent *agent;
  EaBus *exported;
  EaEuicc *euicc;     /* borrowed */
  GPtrArray *signals; /* GVariant: parameters of what the client has heard since bus_rig_listen() */
} BusRig;

/* cmocka fixtures */
int bus_rig_setup (void **state);
int bus_rig_teardown (void **state);

/* cmocka.h has to be included. */
#define BUS_RIG_TEST(name) cmocka_unit_test_setup_teardown (name, bus_rig_setup, bus_rig_teardown)

/* Signals @name of @interface are kept from now on. */
void bus_rig_listen (BusRig *rig, const char *interface, const char *name);

/* What was told on the bus has come to the client. */
void bus_rig_catch_up (BusRig *rig);

/* (transfer full): a session by a trigger, over CAT_TP, which the eUICC has told of */
EaSession *bus_rig_add_session (BusRig *rig);

/* (transfer none) (nullable): the session that OpenSession has made; %NULL: there was none yet */
EaSession *bus_rig_get_opened (BusRig *rig);
