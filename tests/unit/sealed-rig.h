/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/sealed.h"
#include "toolkit-rig.h"

/*
 * What tests of sealed packets share: the toolkit's rig in the role host with a card that is ready, and what carries the
 * packets beside it, which takes the card's short messages.
 */

#define RIG_ORIGINATOR "+999102127"
#define RIG_ADDRESS                                                                                \
  "099199192021F7" /* the same as TP-OA and TP-DA, by hand from TS 23.040 §9.1.2.5 */

/* The command packet of tests/unit/test-sms.c, which tshark and pySim read, by SPI2: the proof of receipt in the report,
 * as a message, none, and of errors only */
#define PACKET_REST "1212000001954EB8A317C64D5169E703F859A40693DF4FCE92B5A3A849C286D5B96F54940F"
#define SDU_REPORT                                                                                 \
  "02700000281516"                                                                                 \
  "19" PACKET_REST
#define SDU_SUBMIT                                                                                 \
  "02700000281516"                                                                                 \
  "39" PACKET_REST
#define SDU_NONE                                                                                   \
  "02700000281516"                                                                                 \
  "00" PACKET_REST
#define SDU_ERROR                                                                                  \
  "02700000281516"                                                                                 \
  "3A" PACKET_REST

/* The proof of receipt of the same example */
#define PROOF_BEGINNING "00341200000134DBD031A252426AFC40A64ED871448198EE21DCA825"
#define PROOF_END "0BE1C87CAEC9E56C131FF88C51CAC504DD1B1240FAF7D9957132"
#define PROOF "027100" PROOF_BEGINNING PROOF_END

#define MESSAGE_SENT "810301130082028281830100"

/* One exchange as its owner sees it */
typedef struct
{
  GBytes *answer;
  GError *error;
  guint n_ends;
} Carriage;

typedef struct
{
  ToolkitRig *toolkit;
  EaSealed *sealed;
  Carriage carriages[2 * EA_SEALED_UNANSWERED_MAX];
  guint n_carriages;
} SealedRig;

int sealed_rig_setup (void **state);

/* Fails the test when the card got something that no test has read, or something outlives its owner. */
int sealed_rig_teardown (void **state);

#define SEALED_TEST(function)                                                                      \
  cmocka_unit_test_setup_teardown (function, sealed_rig_setup, sealed_rig_teardown)

/* The next exchange; it lives as long as the rig. @sdu: hexadecimal; @cancellable: (nullable) */
Carriage *sealed_rig_carry (SealedRig *rig, const char *sdu, GCancellable *cancellable);
Carriage *sealed_rig_carry_bytes (SealedRig *rig, GBytes *sdu);

/* The exchange ends, with this answer (%NULL: with none), or with this error of a modem. */
void sealed_rig_expect_answer (Carriage *carriage, const char *answer);
void sealed_rig_expect_failure (Carriage *carriage, EaModemError code);
gboolean sealed_rig_has_ended (const Carriage *carriage);

/* (transfer full): the next thing that the card gets is an SMS-PP DOWNLOAD from the originator, with a time stamp of now:
 * its TP-UD */
GBytes *sealed_rig_expect_download (SealedRig *rig);

/* The same with this TP-UD */
void sealed_rig_expect_segment (SealedRig *rig, const char *user_data);

/* The card sends a message to @address, as in TP-DA, with a header in its @user_data. */
void sealed_rig_send (SealedRig *rig, const char *address, const char *user_data);
