/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The network and the modem's identity as QMI tells them. */

#include "modem/qmi-network.h"

#include <string.h>

/* Where System Info has a technology: in the response and in the indication. */
typedef struct
{
  guint8 technology;
  guint8 service_types[2];
  guint8 system_types[2];
  gboolean has_tracking_area;
} Layout;

static const Layout layouts[EA_QMI_TECHNOLOGIES] = {
  { 0x00, { 0x12, 0x12 }, { 0x17, 0x17 }, FALSE },
  { 0x03, { 0x13, 0x13 }, { 0x18, 0x18 }, FALSE },
  { 0x08, { 0x14, 0x14 }, { 0x19, 0x19 }, TRUE },
  { 0x0A, { 0x4A, 0x4C }, { 0x4B, 0x4D }, TRUE },
};

static const guint8 wide_area_types[2] = { 0x50, 0x52 };

/* Service status */
#define STATUS_LIMITED 1
#define STATUS_AVAILABLE 2
#define STATUS_LIMITED_REGIONAL 3

/* Domain and service capability, before the roaming status, and whether the network is forbidden, behind it, each
 * with a byte that says whether it is valid; then, elsewhere, a rejection's validity, domain and cause */
#define SERVICE_SIZE 4
#define FORBIDDEN_SIZE 2
#define REJECTION_SIZE 3

#define AREA_NONE 0xFFFF
#define CELL_NONE 0xFFFFFFFF

/* In the GERAN information: PLMN, location area, channel number and base station's colours come between the
 * cell and the timing advance. */
#define GERAN_BETWEEN_SIZE 8
#define TIMING_ADVANCE_MAX 219 /* TS 44.018 §10.5.2.40 */

#define IMEI_DIGITS 14 /* without the check digit */
#define SOFTWARE_VERSION_DIGITS 2
#define PLMN_NUMBER_MAX 999

/* FALSE unless @text begins with at least @n_min digits; @out gets them, at most three. */
static gboolean
copy_digits (EaSpan text, guint n_min, char out[EA_MODEM_PLMN_DIGITS_MAX + 1])
{
  guint n_digits = 0;
  EaReader reader;

  ea_reader_init (&reader, text);
  while (n_digits < EA_MODEM_PLMN_DIGITS_MAX && g_ascii_isdigit (ea_reader_peek_u8 (&reader)))
    out[n_digits++] = (char) ea_reader_u8 (&reader);
  out[n_digits] = '\0';
  return n_digits >= n_min;
}

/* The filler of an MNC of two digits is FF, by what is written; some firmware has 0 or a space. */
static void
take_plmn (EaModemNetwork *network, EaSpan mcc, EaSpan mnc)
{
  if (copy_digits (mcc, 3, network->mcc) && copy_digits (mnc, 2, network->mnc))
    return;

  network->mcc[0] = '\0';
  network->mnc[0] = '\0';
}

static void
take_area (EaModemNetwork *network, gboolean is_valid, guint16 area_code)
{
  network->has_area = is_valid && area_code != AREA_NONE;
  network->area_code = network->has_area ? area_code : 0;
}

static gboolean
parse_system (EaModemNetwork *out, EaSpan value, gboolean has_tracking_area)
{
  EaModemNetwork network = *out;
  EaReader reader;
  gboolean is_valid;
  EaSpan mcc;
  EaSpan mnc;

  ea_reader_init (&reader, value);
  (void) ea_reader_bytes (&reader, SERVICE_SIZE);
  network.has_roaming = ea_reader_u8 (&reader) != 0;
  network.is_roaming = ea_reader_u8 (&reader) != 0 && network.has_roaming; /* 0: at home */
  (void) ea_reader_bytes (&reader, FORBIDDEN_SIZE);
  is_valid = ea_reader_u8 (&reader) != 0;
  take_area (&network, is_valid, ea_reader_u16le (&reader));
  network.has_cell = ea_reader_u8 (&reader) != 0;
  network.cell = ea_reader_u32le (&reader);
  (void) ea_reader_bytes (&reader, REJECTION_SIZE);
  is_valid = ea_reader_u8 (&reader) != 0;
  mcc = ea_reader_bytes (&reader, EA_MODEM_PLMN_DIGITS_MAX);
  mnc = ea_reader_bytes (&reader, EA_MODEM_PLMN_DIGITS_MAX);
  if (is_valid)
    take_plmn (&network, mcc, mnc);
  if (has_tracking_area)
    {
      is_valid = ea_reader_u8 (&reader) != 0;
      take_area (&network, is_valid, ea_reader_u16le (&reader));
    }
  if (!ea_reader_is_ok (&reader)) /* more may follow */
    return FALSE;

  network.has_cell = network.has_cell && network.cell != CELL_NONE;
  network.cell = network.has_cell ? network.cell : 0;
  *out = network;
  return TRUE;
}

static EaModemService
get_service (guint8 status)
{
  switch (status)
    {
    case STATUS_AVAILABLE:
      return EA_MODEM_SERVICE_NORMAL;
    case STATUS_LIMITED:
    case STATUS_LIMITED_REGIONAL:
      return EA_MODEM_SERVICE_LIMITED;
    default:
      return EA_MODEM_SERVICE_NONE;
    }
}

static void
take_wide_area (EaQmiSystemInfo *self, EaSpan value)
{
  EaReader reader;
  guint32 area;

  ea_reader_init (&reader, value);
  area = ea_reader_u24be (&reader);
  if (!ea_reader_done (&reader))
    return;

  self->has_wide_area = TRUE;
  self->wide_area = area;
}

void
ea_qmi_system_info_take (EaQmiSystemInfo *self, guint8 type, EaSpan value)
{
  guint which = self->is_indication ? 1 : 0;
  EaReader reader;

  for (guint i = 0; i < EA_QMI_TECHNOLOGIES; i++)
    if (type == layouts[i].service_types[which] && value.size > 0)
      {
        ea_reader_init (&reader, value);
        self->is_told[i] = TRUE;
        self->networks[i].service = get_service (ea_reader_u8 (&reader));
      }
    else if (type == layouts[i].system_types[which])
      (void) parse_system (&self->networks[i], value, layouts[i].has_tracking_area);
  if (type == wide_area_types[which])
    take_wide_area (self, value);
}

gboolean
ea_qmi_system_info_get_network (const EaQmiSystemInfo *self, EaModemNetwork *out)
{
  EaModemNetwork best = { 0 };
  gboolean is_told = FALSE;

  for (guint i = 0; i < EA_QMI_TECHNOLOGIES; i++)
    {
      is_told |= self->is_told[i];
      if (!self->is_told[i] || self->networks[i].service == EA_MODEM_SERVICE_NONE
          || self->networks[i].service < best.service)
        continue;
      best = self->networks[i];
      best.has_technology = TRUE;
      best.technology = layouts[i].technology;
      if (i == EA_QMI_TECHNOLOGIES - 1 && self->has_wide_area)
        {
          best.has_area = TRUE;
          best.area_code = self->wide_area;
        }
    }
  if (!is_told)
    return FALSE;

  *out = best;
  return TRUE;
}

gboolean
ea_qmi_parse_timing_advance (EaSpan geran_info, guint8 *bit_periods)
{
  EaReader reader;
  guint32 value;

  ea_reader_init (&reader, geran_info);
  (void) ea_reader_u32le (&reader); /* cell */
  (void) ea_reader_bytes (&reader, GERAN_BETWEEN_SIZE);
  value = ea_reader_u32le (&reader);
  if (!ea_reader_is_ok (&reader) || value > TIMING_ADVANCE_MAX) /* FFFFFFFF: none */
    return FALSE;

  *bit_periods = (guint8) value;
  return TRUE;
}

gboolean
ea_qmi_get_technology (guint radio_interface, guint8 *technology)
{
  static const struct
  {
    guint radio_interface;
    guint8 technology;
  } pairs[] = { { 0x04, 0x00 }, { 0x05, 0x03 }, { 0x08, 0x08 }, { 0x09, 0x03 }, { 0x0C, 0x0A } };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    if (pairs[i].radio_interface == radio_interface)
      {
        *technology = pairs[i].technology;
        return TRUE;
      }
  return FALSE;
}

void
ea_qmi_format_plmn (guint16 mcc, guint16 mnc, gboolean has_three_digits,
                    char mcc_out[EA_MODEM_PLMN_DIGITS_MAX + 1],
                    char mnc_out[EA_MODEM_PLMN_DIGITS_MAX + 1])
{
  mcc_out[0] = '\0';
  mnc_out[0] = '\0';
  if (mcc > PLMN_NUMBER_MAX || mnc > PLMN_NUMBER_MAX)
    return;

  (void) g_snprintf (mcc_out, EA_MODEM_PLMN_DIGITS_MAX + 1, "%03u", mcc); /* it fits */
  (void) g_snprintf (mnc_out, EA_MODEM_PLMN_DIGITS_MAX + 1, has_three_digits ? "%03u" : "%02u",
                     mnc);
}

static gboolean
is_number (const char *text, gsize min, gsize max)
{
  gsize length = text != NULL ? strlen (text) : 0;

  return length >= min && length <= max && strspn (text, "0123456789") == length;
}

char *
ea_qmi_build_imeisv (const char *imei, const char *software_version)
{
  if (!is_number (imei, IMEI_DIGITS, IMEI_DIGITS + 1)
      || !is_number (software_version, 1, SOFTWARE_VERSION_DIGITS))
    return NULL;

  return g_strdup_printf ("%.*s%s%s", IMEI_DIGITS, imei, software_version[1] == '\0' ? "0" : "",
                          software_version);
}
