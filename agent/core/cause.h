/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * Why a network refuses to register a terminal: cause values of mobility management, by their names in 3GPP
 * TS 24.008 §10.5.3.6 and §10.5.5.14 (GSM, UTRAN), TS 24.301 §9.9.3.9 (E-UTRAN), TS 24.501 §9.11.3.2 (NG-RAN).
 */

/**
 * ea_cause_get_name:
 * @technology: as in TS 102 223 §8.61: 00 GSM, 03 UTRAN, 08 E-UTRAN, 0A NG-RAN
 *
 * Returns: (nullable): in the standard's words; %NULL for a value that has none there, or another technology
 */
const char *ea_cause_get_name (guint8 technology, guint8 cause);

/* (transfer full): name, standard and value, "PLMN not allowed (TS 24.301 cause 11)", for people; of a value without a
 * name the other two */
char *ea_cause_describe (guint8 technology, guint8 cause);
