/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libmm-glib.h>

/*
 * ModemManager with one registered modem and its bearers, played by its own library's skeletons on a bus. It
 * keeps a diary of what it was asked, one line a call:
 *
 *   create BEARER 'APN' 'USER' 'PASSWORD' IP-TYPE (0 where none was given)
 *   connect BEARER
 *   delete BEARER
 *   enable, disable, power on, power low, reset
 */

#define FAKE_MODEM_MANAGER_NAME "org.freedesktop.ModemManager1"

typedef struct _FakeModemManager FakeModemManager;

/* @port: name of the modem's QMI port, such as cdc-wdm0 */
FakeModemManager *fake_modem_manager_new (GDBusConnection *connection, const char *port);
void fake_modem_manager_free (FakeModemManager *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeModemManager, fake_modem_manager_free)

/* (transfer none): a bearer that somebody else has made. */
MmGdbusBearer *fake_modem_manager_add_bearer (FakeModemManager *self, const char *apn,
                                              const char *interface, gboolean is_connected);

/* (transfer none): the bearer that was added or created last. */
MmGdbusBearer *fake_modem_manager_get_last (FakeModemManager *self);
void fake_modem_manager_remove_bearer (FakeModemManager *self, MmGdbusBearer *bearer);

/* The network knows this access point name as the default. */
void fake_modem_manager_set_default_apn (FakeModemManager *self, const char *apn);

/* The interface that bearers get when they are connected. */
void fake_modem_manager_set_interface (FakeModemManager *self, const char *interface);

/* Of the modem, which is registered in the beginning. */
void fake_modem_manager_set_state (FakeModemManager *self, MMModemState state);

void fake_modem_manager_set_power_state (FakeModemManager *self, MMModemPowerState power);

/* Connecting, and what is done to the modem, fails with this error; %NULL: it does not. */
void fake_modem_manager_refuse (FakeModemManager *self, const GError *error);

/* Connecting is not answered; FALSE: those that wait are answered now, as usual. */
void fake_modem_manager_hold (FakeModemManager *self, gboolean is_held);

/* (transfer none): the diary so far, lines joined by newlines; it begins anew. */
const char *fake_modem_manager_read_diary (FakeModemManager *self);
guint fake_modem_manager_count (FakeModemManager *self);
