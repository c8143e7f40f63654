/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card.h"
#include "sim-scp80.h"
#include "test-support.h"

/* A simulated card under test: cmocka fixtures, and short messages in and out of it. */

#define SELECT_ISD_R "00a4040010a0000005591010ffffffff8900000100"
#define SELECT_ECASD "00a4040010a0000005591010ffffffff890000020000"
#define EID_OBJECT "5a1089001012012341234012345678901224"
#define FALLBACK_ICCID "8988211000000000011"
#define OTHER_ICCID "8988211000000000029"
#define OTHER_AID "a0000005591010ffffffff8900001100"
#define EID_SUBMIT                                                                                 \
  "d05a8103011300820281838607919471071600008b4641000c919451214365877ff63902710000341200000134dbd"  \
  "031a252426afc40a64ed871448198ee21dca8250be1c87caec9e56c131ff88c51cac504dd1b1240faf7d9957132"
#define EID_TPDU                                                                                   \
  "440c919451214365877ff6621122010000002d02700000281516391212000001954eb8a317c64d5169e703f859a40"  \
  "693df4fce92b5a3a849c286d5b96f54940f"
#define EID_ENVELOPE "80c2000051d14f820283818607919471071600008b40" EID_TPDU
#define REFRESH "d009810301010482028182"

/* Fixtures: the second one's ISD-R takes commands in clear. */
int make_card (void **state);
int make_plain_card (void **state);
int free_card (void **state);

/* (transfer full): the R-APDU */
GBytes *transmit (SimCard *card, const char *command);

/* The whole R-APDU */
void assert_answer (SimCard *card, const char *command, const char *expected);

/* The status word only */
void assert_status (SimCard *card, const char *command, const char *expected);

/* Whether the members of the control command "state" contain @text */
gboolean state_has (SimCard *card, const char *text);

/* (transfer full): the R-APDU of an ENVELOPE (SMS-PP DOWNLOAD) with the service centre of
 * EID_ENVELOPE */
GBytes *deliver_tpdu (SimCard *card, GBytes *tpdu);

/* (transfer full) (element-type GBytes): the command packet in SMS-DELIVER TPDUs */
GPtrArray *make_tpdus (const SimScp80Command *command, const char *script);

/* The R-APDU of the ENVELOPE with the only TPDU */
void assert_delivery (SimCard *card, const SimScp80Command *command, const char *script,
                      const char *expected);

/* As the SM-SR secures its commands to the ISD-R */
SimScp80Command make_command (guint64 counter);

/* (transfer full): the pending proactive command */
GBytes *fetch (SimCard *card);

/* Opens the response packet in a SEND SHORT MESSAGE; @script is (out) (transfer full). */
SimScp80Response open_submit (GBytes *proactive, const SimScp80Command *command, GBytes **script);

#define card_test(name) cmocka_unit_test_setup_teardown (name, make_card, free_card)
#define plain_card_test(name) cmocka_unit_test_setup_teardown (name, make_plain_card, free_card)
