/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Causes of mobility management: each standard has words of its own for many of them. */

#include "core/cause.h"

typedef enum
{
  STANDARD_24_008 = 1 << 0,
  STANDARD_24_301 = 1 << 1,
  STANDARD_24_501 = 1 << 2,
  STANDARD_ALL = STANDARD_24_008 | STANDARD_24_301 | STANDARD_24_501,
} Standard;

static const struct
{
  guint8 technology;
  Standard standard;
  const char *name;
} technologies[] = {
  { 0x00, STANDARD_24_008, "TS 24.008" },
  { 0x03, STANDARD_24_008, "TS 24.008" },
  { 0x08, STANDARD_24_301, "TS 24.301" },
  { 0x0A, STANDARD_24_501, "TS 24.501" },
};

/* In the order of their values; a value has one row for each name that it has. */
static const struct
{
  guint8 cause;
  guint standards;
  const char *name;
} causes[] = {
  { 2, STANDARD_24_008, "IMSI unknown in HLR" },
  { 2, STANDARD_24_301, "IMSI unknown in HSS" },
  { 3, STANDARD_24_008, "Illegal MS" },
  { 3, STANDARD_24_301 | STANDARD_24_501, "Illegal UE" },
  { 4, STANDARD_24_008, "IMSI unknown in VLR" },
  { 5, STANDARD_24_008 | STANDARD_24_301, "IMEI not accepted" },
  { 5, STANDARD_24_501, "PEI not accepted" },
  { 6, STANDARD_ALL, "Illegal ME" },
  { 7, STANDARD_24_008, "GPRS services not allowed" },
  { 7, STANDARD_24_301, "EPS services not allowed" },
  { 7, STANDARD_24_501, "5GS services not allowed" },
  { 8, STANDARD_24_008, "GPRS services and non-GPRS services not allowed" },
  { 8, STANDARD_24_301, "EPS services and non-EPS services not allowed" },
  { 9, STANDARD_24_008, "MS identity cannot be derived by the network" },
  { 9, STANDARD_24_301 | STANDARD_24_501, "UE identity cannot be derived by the network" },
  { 10, STANDARD_24_008 | STANDARD_24_301, "Implicitly detached" },
  { 10, STANDARD_24_501, "Implicitly de-registered" },
  { 11, STANDARD_ALL, "PLMN not allowed" },
  { 12, STANDARD_24_008, "Location Area not allowed" },
  { 12, STANDARD_24_301 | STANDARD_24_501, "Tracking area not allowed" },
  { 13, STANDARD_24_008, "Roaming not allowed in this location area" },
  { 13, STANDARD_24_301 | STANDARD_24_501, "Roaming not allowed in this tracking area" },
  { 14, STANDARD_24_008, "GPRS services not allowed in this PLMN" },
  { 14, STANDARD_24_301, "EPS services not allowed in this PLMN" },
  { 15, STANDARD_24_008, "No Suitable Cells In Location Area" },
  { 15, STANDARD_24_301 | STANDARD_24_501, "No suitable cells in tracking area" },
  { 16, STANDARD_24_008 | STANDARD_24_301, "MSC temporarily not reachable" },
  { 17, STANDARD_24_008 | STANDARD_24_301, "Network failure" },
  { 18, STANDARD_24_301, "CS domain not available" },
  { 19, STANDARD_24_301, "ESM failure" },
  { 20, STANDARD_ALL, "MAC failure" },
  { 21, STANDARD_ALL, "Synch failure" },
  { 22, STANDARD_ALL, "Congestion" },
  { 23, STANDARD_24_008, "GSM authentication unacceptable" },
  { 23, STANDARD_24_301 | STANDARD_24_501, "UE security capabilities mismatch" },
  { 24, STANDARD_24_301 | STANDARD_24_501, "Security mode rejected, unspecified" },
  { 25, STANDARD_24_008 | STANDARD_24_301, "Not authorized for this CSG" },
  { 26, STANDARD_24_301, "Non-EPS authentication unacceptable" },
  { 26, STANDARD_24_501, "Non-5G authentication unacceptable" },
  { 27, STANDARD_24_501, "N1 mode not allowed" },
  { 28, STANDARD_24_008, "SMS provided via GPRS in this routing area" },
  { 28, STANDARD_24_501, "Restricted service area" },
  { 31, STANDARD_24_301, "Redirection to 5GCN required" },
  { 31, STANDARD_24_501, "Redirection to EPC required" },
  { 32, STANDARD_24_008, "Service option not supported" },
  { 33, STANDARD_24_008, "Requested service option not subscribed" },
  { 34, STANDARD_24_008, "Service option temporarily out of order" },
  { 35, STANDARD_24_301, "Requested service option not authorized in this PLMN" },
  { 38, STANDARD_24_008, "Call cannot be identified" },
  { 39, STANDARD_24_301, "CS service temporarily not available" },
  { 40, STANDARD_24_008, "No PDP context activated" },
  { 40, STANDARD_24_301, "No EPS bearer context activated" },
  { 42, STANDARD_24_301, "Severe network failure" },
  { 43, STANDARD_24_501, "LADN not available" },
  { 62, STANDARD_24_501, "No network slices available" },
  { 65, STANDARD_24_501, "Maximum number of PDU sessions reached" },
  { 67, STANDARD_24_501, "Insufficient resources for specific slice and DNN" },
  { 69, STANDARD_24_501, "Insufficient resources for specific slice" },
  { 71, STANDARD_24_501, "ngKSI already in use" },
  { 72, STANDARD_24_501, "Non-3GPP access to 5GCN not allowed" },
  { 73, STANDARD_24_501, "Serving network not authorized" },
  { 90, STANDARD_24_501, "Payload was not forwarded" },
  { 91, STANDARD_24_501, "DNN not supported or not subscribed in the slice" },
  { 92, STANDARD_24_501, "Insufficient user-plane resources for the PDU session" },
  { 95, STANDARD_ALL, "Semantically incorrect message" },
  { 96, STANDARD_ALL, "Invalid mandatory information" },
  { 97, STANDARD_ALL, "Message type non-existent or not implemented" },
  { 98, STANDARD_ALL, "Message type not compatible with the protocol state" },
  { 99, STANDARD_ALL, "Information element non-existent or not implemented" },
  { 100, STANDARD_ALL, "Conditional IE error" },
  { 101, STANDARD_ALL, "Message not compatible with the protocol state" },
  { 111, STANDARD_ALL, "Protocol error, unspecified" },
};

/* 0011 xxxx of TS 24.008 all mean this. */
#define RETRY_FIRST 48
#define RETRY_LAST 63
#define RETRY_NAME "Retry upon entry into a new cell"

const char *
ea_cause_get_name (guint8 technology, guint8 cause)
{
  guint standard = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (technologies); i++)
    if (technologies[i].technology == technology)
      standard = technologies[i].standard;
  if (standard == STANDARD_24_008 && cause >= RETRY_FIRST && cause <= RETRY_LAST)
    return RETRY_NAME;
  for (gsize i = 0; i < G_N_ELEMENTS (causes); i++)
    if (causes[i].cause == cause && (causes[i].standards & standard) != 0)
      return causes[i].name;
  return NULL;
}

char *
ea_cause_describe (guint8 technology, guint8 cause)
{
  const char *name = ea_cause_get_name (technology, cause);
  const char *standard = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (technologies); i++)
    if (technologies[i].technology == technology)
      standard = technologies[i].name;
  if (standard == NULL)
    return g_strdup_printf ("cause %u", cause);
  if (name == NULL)
    return g_strdup_printf ("%s cause %u", standard, cause);
  return g_strdup_printf ("%s (%s cause %u)", name, standard, cause);
}
