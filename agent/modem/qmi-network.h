/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/bytes.h"
#include "modem/modem.h"

/*
 * What the QMI services NAS and DMS tell about the network and about the modem's identity. The values of
 * System Info are read here, because libqmi has a function of some twenty results for each technology, once
 * for the response and once for the indication. Pure functions; numbers are little-endian.
 */

/* Messages and TLVs of NAS. */
#define EA_QMI_NAS_GET_CELL_LOCATION_INFO 0x0043
#define EA_QMI_NAS_GET_SYSTEM_INFO 0x004D
#define EA_QMI_NAS_SYSTEM_INFO 0x004E
#define EA_QMI_NAS_TLV_GERAN_INFO 0x10

#define EA_QMI_TECHNOLOGIES 4 /* of 3GPP: GSM, UTRAN, E-UTRAN, NG-RAN */

/**
 * EaQmiSystemInfo:
 * @is_indication: to be set first: the indication numbers the TLVs of NG-RAN otherwise than the response
 *
 * What one System Info tells. Begin with all zeros but @is_indication.
 */
typedef struct
{
  gboolean is_indication;
  gboolean is_told[EA_QMI_TECHNOLOGIES];
  EaModemNetwork networks[EA_QMI_TECHNOLOGIES];
  gboolean has_wide_area; /* 24 bits */
  guint32 wide_area;
} EaQmiSystemInfo;

/* Takes one TLV. Those of no interest and those that can't be read are passed over. */
void ea_qmi_system_info_take (EaQmiSystemInfo *self, guint8 type, EaSpan value);

/**
 * ea_qmi_system_info_get_network:
 * @out: (out): set on success
 *
 * The network with the best service, and of several the newest technology. FALSE when nothing is told of
 * any technology of 3GPP.
 */
gboolean ea_qmi_system_info_get_network (const EaQmiSystemInfo *self, EaModemNetwork *out);

/**
 * ea_qmi_parse_timing_advance:
 * @geran_info: TLV 0x10 of Get Cell Location Info
 * @bit_periods: (out): set on success
 *
 * FALSE also when the modem has none to tell.
 */
gboolean ea_qmi_parse_timing_advance (EaSpan geran_info, guint8 *bit_periods);

/* QMI's radio interface as TS 102 223 §8.61 numbers it; FALSE for those that are not of 3GPP. */
gboolean ea_qmi_get_technology (guint radio_interface, guint8 *technology);

/* Writes a PLMN identity of two numbers; empty strings for numbers of more than three digits. */
void ea_qmi_format_plmn (guint16 mcc, guint16 mnc, gboolean has_three_digits,
                         char mcc_out[EA_MODEM_PLMN_DIGITS_MAX + 1],
                         char mnc_out[EA_MODEM_PLMN_DIGITS_MAX + 1]);

/**
 * ea_qmi_build_imeisv:
 * @imei: 14 digits, or 15 with the check digit
 * @software_version: one or two digits
 *
 * Returns: (transfer full) (nullable): 16 digits; %NULL when one of the two is missing or something else
 */
char *ea_qmi_build_imeisv (const char *imei, const char *software_version);
