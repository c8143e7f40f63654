/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "modem/modem.h"

/*
 * A modem that does what a test says: it keeps a diary of what it was asked, one line a call, and answers
 * from a list, in order; without an answer left a call fails with EA_MODEM_ERROR_FAILED.
 */

#define FAKE_TYPE_MODEM (fake_modem_get_type ())
G_DECLARE_FINAL_TYPE (FakeModem, fake_modem, FAKE, MODEM, EaModem)

FakeModem *fake_modem_new (void);

/* The next unanswered call gets these bytes (hexadecimal), or this error of a modem. */
void fake_modem_answer (FakeModem *self, const char *hex);
void fake_modem_fail (FakeModem *self, EaModemError code);

/* The next short message fails with this RP cause. */
void fake_modem_refuse_sms (FakeModem *self, guint8 rp_cause);

/* (transfer none): the diary so far, lines joined by newlines; it begins anew. */
const char *fake_modem_read_diary (FakeModem *self);

/* A short message comes in; a stored one begins with the service centre's address and its length. */
void fake_modem_deliver (FakeModem *self, EaModemSmsCustody custody, const char *message_hex);

/* A proactive command comes in. */
void fake_modem_want (FakeModem *self, guint32 reference, const char *command_hex);

/* Runs the main loop until the diary has this many lines. */
void fake_modem_await (FakeModem *self, guint n_lines);
