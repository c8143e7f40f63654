/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fake-modem-manager.h"
#include "modem/bearers.h"
#include "private-bus.h"
#include "wait.h"

/* What tests of ModemManager's bearers share: a bus with a ModemManager that is played, and what was acquired. The
 * loopback interface has an address, so it stands for all. */

#define PORT "cdc-wdm0"
#define PORT_PATH "/dev/" PORT
#define LOOPBACK "lo"

typedef struct
{
  GTestDBus *bus;
  GDBusConnection *service; /* of ModemManager */
  GDBusConnection *client;
  FakeModemManager *fake;
  EaModemManager *modem_manager;
  guint n_changed;        /* what the modem manager has told */
  GPtrArray *answers;     /* of BearersAnswer */
  EaBearerRecord *record; /* nullable */
  GBytes *saved;          /* nullable: what it holds */
  guint n_saved;
  gboolean is_save_refused;
  guint address_timeout_ms; /* 0: more than enough */
} BearersRig;

typedef struct
{
  gboolean has_come;
  EaBearer *bearer;
  guint8 cause;
  GError *error;
  guint n_lost;
} BearersAnswer;

int bearers_rig_setup (void **state);
int bearers_rig_teardown (void **state);

/* A test with a rig of its own; cmocka.h has to be included. */
#define BEARERS_RIG_TEST(name)                                                                     \
  cmocka_unit_test_setup_teardown (name, bearers_rig_setup, bearers_rig_teardown)

/* Whether the agent knows the modem. */
gboolean bearers_rig_has_modem (BearersRig *rig);

/* (transfer full) */
EaBearers *bearers_rig_new_bearers (BearersRig *rig, EaBearerUse use, const char *apn);

/* (transfer none): a bearer that the agent knows of */
MmGdbusBearer *bearers_rig_add (BearersRig *rig, const char *apn, gboolean is_connected);

/* (transfer none): what will have come when has_come is set */
BearersAnswer *bearers_rig_ask (BearersRig *rig, EaBearers *bearers, const EaBearerRequest *request,
                                GCancellable *cancellable);

/* (transfer none): what comes for this access point name */
BearersAnswer *bearers_rig_acquire (BearersRig *rig, EaBearers *bearers, const char *apn);

/* (transfer none): the same, of an EaBearers that is not kept */
BearersAnswer *bearers_rig_acquire_with (BearersRig *rig, EaBearerUse use,
                                         const char *configured_apn, const char *apn);

/* What ModemManager was asked since the last time, and until that is so many lines in all. */
void bearers_rig_expect_diary (BearersRig *rig, const char *expected);

void bearers_rig_await_diary (BearersRig *rig, guint n_lines);
