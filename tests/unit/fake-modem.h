/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "modem/modem.h"

/*
 * A modem that does what a test says: it keeps a diary of what it was asked, one line a call, and answers
 * from a list, in order; without an answer left a call fails with EA_MODEM_ERROR_FAILED. A timing advance
 * is an answer of one byte. What is no answer of the list: closing channels, settling and keeping short
 * messages succeeds; the network is the one that was set; there is no answer to reset.
 */

#define FAKE_TYPE_MODEM (fake_modem_get_type ())
G_DECLARE_FINAL_TYPE (FakeModem, fake_modem, FAKE, MODEM, EaModem)

FakeModem *fake_modem_new (void);

/* The next unanswered call gets these bytes (hexadecimal), or this error of a modem. */
void fake_modem_answer (FakeModem *self, const char *hex);
void fake_modem_fail (FakeModem *self, EaModemError code);

/* Calls for which no answer is left get these bytes instead of failing. */
void fake_modem_answer_all (FakeModem *self, const char *hex);

/* The next short message fails with this RP cause. */
void fake_modem_refuse_sms (FakeModem *self, guint8 rp_cause);

/* The network does not hear the next word on a short message. */
void fake_modem_fail_settling (FakeModem *self);

/* From now on card, radio and modem are not switched. */
void fake_modem_refuse_repairs (FakeModem *self);

/* What EF_ICCID has from now on; %NULL: it can't be read, as in the beginning. */
void fake_modem_set_iccid (FakeModem *self, const char *iccid);

/* (transfer none): the diary so far, lines joined by newlines; it begins anew. */
const char *fake_modem_read_diary (FakeModem *self);

/* A short message comes in; a stored one begins with the service centre's address and its length. */
void fake_modem_deliver (FakeModem *self, EaModemSmsCustody custody, const char *message_hex);

/* A proactive command comes in. */
void fake_modem_want (FakeModem *self, guint32 reference, const char *command_hex);

/* The network is this from now on, and the modem tells when it is asked; %NULL: it does not tell, as in the
 * beginning. */
void fake_modem_set_network (FakeModem *self, const EaModemNetwork *network);

/* The network of fake_modem_set_network() refuses to register the modem. */
void fake_modem_reject (FakeModem *self, guint8 domain, guint8 cause);

/* The card has no more proactive commands. */
void fake_modem_end_session (FakeModem *self);

/* Runs the main loop until the diary has this many lines, and then whatever is ready. */
void fake_modem_await (FakeModem *self, guint n_lines);

/* (transfer none): the first line of the diary, taken from it, as soon as there is one. */
const char *fake_modem_await_line (FakeModem *self);
