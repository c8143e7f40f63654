/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rig.h"

/*
 * A gateway: a rig whose simulated modem is /dev/cdc-wdm0, with the real qmi-proxy and the real ModemManager, to which
 * a polkit allows everything. A test of it is run by "with-modem-manager".
 */

typedef struct
{
  Rig *rig;
  GSubprocess *proxy;
  GSubprocess *modem_manager;
  guint polkit;      /* the name */
  guint authority;   /* the object */
  gboolean is_bound; /* the simulator's port is at /dev/cdc-wdm0 */
  char *enabled;     /* ModemManager's object that was enabled here last, or NULL */
} Gateway;

/* cmocka fixtures: simulator and qmi-proxy are there, ModemManager and the agent are not. */
int gateway_setup (void **state);
int gateway_teardown (void **state);

/* A test with a gateway of its own; cmocka.h has to be included. */
#define GATEWAY_TEST(name) cmocka_unit_test_setup_teardown (name, gateway_setup, gateway_teardown)

/* As its service does; it may find that ModemManager has started one. */
void gateway_start_proxy (Gateway *self);

/* Whoever has started it */
void gateway_kill_proxy (Gateway *self);

void gateway_start_modem_manager (Gateway *self);

/* SIGKILL */
void gateway_kill_modem_manager (Gateway *self);

/* The daemon, and its eUICC in the state "ready" */
void gateway_start_agent (Gateway *self);

/*
 * Waits until mmcli sees the modem registered, with the SIM of the profile that the simulator says is enabled, and the
 * agent's eUICC has the same object of ModemManager and the same ICCID. A modem that is disabled is enabled, which on a
 * gateway is for NetworkManager to do.
 */
void gateway_await_health (Gateway *self);

/* The same without an agent */
void gateway_await_registration (Gateway *self);

/* (transfer full): the path of ModemManager's object as mmcli sees it; "" when there is none */
char *gateway_get_modem (Gateway *self);

/* (transfer full): of the modem's SIM as mmcli sees it */
char *gateway_get_imsi (Gateway *self);
