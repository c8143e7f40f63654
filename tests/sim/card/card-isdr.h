/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "card-private.h"

/* What the ISD-R does for the SM-SR: platform management of SGP.02 §4.1.1, and GET DATA. */

/* GET DATA, GP Card Specification §11.3, for ISD-R and ECASD */
guint16 sim_isdr_get_data (SimCard *card, const SimApdu *apdu, GByteArray *out);

/* GET STATUS of ISD-Ps, §11.4 */
guint16 sim_isdr_get_status (SimCard *card, const SimApdu *apdu, GByteArray *out);

/* STORE DATA, DELETE and INSTALL as SGP.02 uses them */
guint16 sim_isdr_store_data (SimCard *card, const SimApdu *apdu, GByteArray *out);
guint16 sim_isdr_delete (SimCard *card, const SimApdu *apdu, GByteArray *out);
guint16 sim_isdr_install (SimCard *card, const SimApdu *apdu, GByteArray *out);
