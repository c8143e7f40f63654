/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the network access service tells of the network, as libqmi describes the elements. */
#include <stdlib.h>
#include <string.h>

#include "registration.h"
#include "service-nas.h"

#define REGISTERED 1
#define SEARCHING 2
#define DENIED 3
#define NOT_REGISTERED 0
#define ATTACHED 1
#define DETACHED 2
#define NETWORK_3GPP 2
#define ROAMING_OFF 1
#define SERVICE_NONE 0
#define SERVICE_LIMITED 1
#define SERVICE_AVAILABLE 2
#define DOMAIN_NONE 0
#define DOMAIN_CS_PS 3
#define AREA_NONE 0xFFFF

/* What no test depends on: channels, codes, levels and thresholds of the serving cell */
#define CHANNEL 100
#define SCRAMBLING_CODE 7
#define STATION_COLOURS 12
#define LEVEL 40
#define TIMING_ADVANCE 5

static void
write_numbers (EaWriter *value, guint16 mcc, guint16 mnc)
{
  ea_writer_u16le (value, mcc);
  ea_writer_u16le (value, mnc);
}

static void
write_served_numbers (const SimModem *modem, EaWriter *value)
{
  write_numbers (value, (guint16) atoi (modem->coverage.mcc), (guint16) atoi (modem->coverage.mnc));
}

static void
write_operator (guint mcc, guint mnc, EaWriter *value)
{
  g_autofree char *name = g_strdup_printf ("Test PLMN %u-%u", mcc, mnc);

  sim_write_lv8 (value, ea_span_init (name, strlen (name)));
}

static gboolean
has_three_digits (const SimModem *modem)
{
  return strlen (modem->coverage.mnc) == 3;
}

void
sim_nas_write_home_network (const SimModem *modem, EaWriter *tlvs)
{
  SimCoverage home = { 0 };
  g_auto (EaWriter) value = { NULL };

  sim_coverage_follow (&home, sim_card_get_imsi (modem->slot->card));
  ea_writer_init (&value);
  write_numbers (&value, (guint16) atoi (home.mcc), (guint16) atoi (home.mnc));
  write_operator ((guint) atoi (home.mcc), (guint) atoi (home.mnc), &value);
  sim_qmi_add (tlvs, 0x01, ea_writer_span (&value));
}

static guint8
get_registration (const SimModem *modem)
{
  switch (sim_registration_get_state (modem->registration))
    {
    case SIM_REGISTRATION_NONE:
      return NOT_REGISTERED;
    case SIM_REGISTRATION_SEARCHING:
      return SEARCHING;
    case SIM_REGISTRATION_REGISTERED:
      return REGISTERED;
    case SIM_REGISTRATION_DENIED:
      return DENIED;
    }
  g_assert_not_reached ();
}

static void
write_served_network (const SimModem *modem, EaWriter *tlvs)
{
  g_auto (EaWriter) plmn = { NULL };
  g_auto (EaWriter) digits = { NULL };

  ea_writer_init (&plmn);
  ea_writer_init (&digits);
  write_served_numbers (modem, &plmn);
  write_operator ((guint) atoi (modem->coverage.mcc), (guint) atoi (modem->coverage.mnc), &plmn);
  sim_qmi_add (tlvs, 0x12, ea_writer_span (&plmn));
  write_served_numbers (modem, &digits);
  ea_writer_u8 (&digits, has_three_digits (modem) ? 1 : 0);
  sim_qmi_add (tlvs, 0x27, ea_writer_span (&digits));
  if (sim_coverage_has_location_area (&modem->coverage))
    sim_qmi_add_u16 (tlvs, 0x1C, (guint16) modem->coverage.area);
  else
    sim_qmi_add_u16 (tlvs, 0x24, (guint16) modem->coverage.area);
  sim_qmi_add_u32 (tlvs, 0x1D, modem->coverage.cell);
}

void
sim_nas_write_serving_system (const SimModem *modem, EaWriter *tlvs)
{
  gboolean is_registered = sim_modem_is_registered (modem);
  gboolean is_there = sim_modem_get_level (modem) != SIM_COVERAGE_NONE;
  g_auto (EaWriter) value = { NULL };

  ea_writer_init (&value);
  ea_writer_u8 (&value, get_registration (modem));
  ea_writer_u8 (&value, is_registered ? ATTACHED : DETACHED);
  ea_writer_u8 (&value, is_registered ? ATTACHED : DETACHED);
  ea_writer_u8 (&value, NETWORK_3GPP);
  ea_writer_u8 (&value, is_there ? 1 : 0);
  if (is_there)
    ea_writer_u8 (&value, (guint8) modem->coverage.radio);
  sim_qmi_add (tlvs, 0x01, ea_writer_span (&value));
  if (!is_registered)
    return;
  sim_qmi_add_u8 (tlvs, 0x10, ROAMING_OFF);
  write_served_network (modem, tlvs);
}

/* A value behind the byte that says whether it is valid. */
static void
write_valid_u8 (EaWriter *value, guint8 byte)
{
  ea_writer_u8 (value, 1);
  ea_writer_u8 (value, byte);
}

static void
write_area (EaWriter *value, gboolean is_valid, guint32 area)
{
  ea_writer_u8 (value, is_valid ? 1 : 0);
  ea_writer_u16le (value, is_valid ? (guint16) area : AREA_NONE);
}

/* What comes behind the network's identity */
static void
write_tail (const SimCoverage *coverage, EaWriter *value)
{
  switch (coverage->radio)
    {
    case SIM_RADIO_GSM:
      write_valid_u8 (value, 1); /* EGPRS */
      write_valid_u8 (value, 0); /* no DTM */
      return;
    case SIM_RADIO_UMTS:
      ea_writer_u16le (value, 0); /* no high speed call status */
      ea_writer_u16le (value, 0); /* no high speed service */
      ea_writer_u8 (value, 1);
      ea_writer_u16le (value, SCRAMBLING_CODE);
      return;
    case SIM_RADIO_LTE:
    case SIM_RADIO_NR:
      write_area (value, TRUE, coverage->area);
    }
}

static void
write_system (const SimModem *modem, EaWriter *value)
{
  const SimCoverage *coverage = &modem->coverage;
  guint8 domain = sim_modem_is_registered (modem) ? DOMAIN_CS_PS : DOMAIN_NONE;
  guint8 cause = sim_registration_get_cause (modem->registration);

  write_valid_u8 (value, domain);
  write_valid_u8 (value, DOMAIN_CS_PS); /* service capability */
  write_valid_u8 (value, 0);            /* not roaming */
  write_valid_u8 (value, 0);            /* not forbidden */
  write_area (value, sim_coverage_has_location_area (coverage), coverage->area);
  ea_writer_u8 (value, 1);
  ea_writer_u32le (value, coverage->cell);
  ea_writer_u8 (value, cause != 0 ? 1 : 0);
  ea_writer_u8 (value, cause != 0 ? DOMAIN_CS_PS : DOMAIN_NONE);
  ea_writer_u8 (value, cause);
  ea_writer_u8 (value, 1);
  ea_writer_bytes (value, ea_span_init (coverage->mcc, 3));
  ea_writer_bytes (value, ea_span_init (coverage->mnc, 2));
  ea_writer_u8 (value, has_three_digits (modem) ? (guint8) coverage->mnc[2] : 0xFF);
  write_tail (coverage, value);
}

/* Where each technology is in the response and in the indication */
static const struct
{
  SimRadio radio;
  guint8 service_types[2];
  guint8 system_types[2];
} technologies[] = {
  { SIM_RADIO_GSM, { 0x12, 0x12 }, { 0x17, 0x17 } },
  { SIM_RADIO_UMTS, { 0x13, 0x13 }, { 0x18, 0x18 } },
  { SIM_RADIO_LTE, { 0x14, 0x14 }, { 0x19, 0x19 } },
  { SIM_RADIO_NR, { 0x4A, 0x4C }, { 0x4B, 0x4D } },
};
static const guint8 wide_area_types[] = { 0x50, 0x52 };

static guint8
get_status (const SimModem *modem, SimRadio radio)
{
  static const guint8 statuses[] = {
    [SIM_COVERAGE_NONE] = SERVICE_NONE,
    [SIM_COVERAGE_LIMITED] = SERVICE_LIMITED,
    [SIM_COVERAGE_NORMAL] = SERVICE_AVAILABLE,
  };

  return radio == modem->coverage.radio ? statuses[sim_modem_get_level (modem)] : SERVICE_NONE;
}

static void
write_served_system (const SimModem *modem, guint8 type, guint8 wide_area_type, EaWriter *tlvs)
{
  g_auto (EaWriter) value = { NULL };
  g_auto (EaWriter) wide_area = { NULL };

  ea_writer_init (&value);
  write_system (modem, &value);
  sim_qmi_add (tlvs, type, ea_writer_span (&value));
  if (modem->coverage.radio != SIM_RADIO_NR)
    return;
  ea_writer_init (&wide_area);
  ea_writer_u24be (&wide_area, modem->coverage.area);
  sim_qmi_add (tlvs, wide_area_type, ea_writer_span (&wide_area));
}

void
sim_nas_write_system_info (const SimModem *modem, gboolean is_indication, EaWriter *tlvs)
{
  guint which = is_indication ? 1 : 0;

  for (gsize i = 0; i < G_N_ELEMENTS (technologies); i++)
    {
      guint8 status = get_status (modem, technologies[i].radio);
      const guint8 service[] = { status, status, status == SERVICE_AVAILABLE ? 1 : 0 };

      sim_qmi_add (tlvs, technologies[i].service_types[which], EA_SPAN_OF_ARRAY (service));
      if (status != SERVICE_NONE)
        write_served_system (modem, technologies[i].system_types[which], wide_area_types[which],
                             tlvs);
    }
}

void
sim_nas_write_rejection (const SimModem *modem, EaWriter *tlvs)
{
  g_auto (EaWriter) plmn = { NULL };

  ea_writer_init (&plmn);
  write_served_numbers (modem, &plmn);
  ea_writer_u8 (&plmn, has_three_digits (modem) ? 1 : 0);
  sim_qmi_add_u8 (tlvs, 0x01, (guint8) modem->coverage.radio);
  sim_qmi_add_u8 (tlvs, 0x02, DOMAIN_CS_PS);
  sim_qmi_add_u8 (tlvs, 0x03, sim_registration_get_cause (modem->registration));
  sim_qmi_add (tlvs, 0x10, ea_writer_span (&plmn));
}

static void
write_gsm_cell (const SimCoverage *coverage, EaWriter *value)
{
  ea_writer_u32le (value, coverage->cell);
  sim_coverage_write_plmn (coverage, value);
  ea_writer_u16le (value, (guint16) coverage->area);
  ea_writer_u16le (value, CHANNEL);
  ea_writer_u8 (value, STATION_COLOURS);
  ea_writer_u32le (value, TIMING_ADVANCE);
  ea_writer_u16le (value, LEVEL);
  ea_writer_u8 (value, 0); /* neighbours */
}

static void
write_umts_cell (const SimCoverage *coverage, EaWriter *value)
{
  ea_writer_u16le (value, (guint16) coverage->cell);
  sim_coverage_write_plmn (coverage, value);
  ea_writer_u16le (value, (guint16) coverage->area);
  ea_writer_u16le (value, CHANNEL);
  ea_writer_u16le (value, SCRAMBLING_CODE);
  ea_writer_u16le (value, LEVEL); /* RSCP */
  ea_writer_u16le (value, LEVEL); /* ECIO */
  ea_writer_u8 (value, 0);        /* neighbours on UMTS */
  ea_writer_u8 (value, 0);        /* neighbours on GSM */
}

static void
write_lte_cell (const SimCoverage *coverage, EaWriter *value)
{
  ea_writer_u8 (value, 1); /* idle */
  sim_coverage_write_plmn (coverage, value);
  ea_writer_u16le (value, (guint16) coverage->area);
  ea_writer_u32le (value, coverage->cell);
  ea_writer_u16le (value, CHANNEL);
  ea_writer_u16le (value, SCRAMBLING_CODE); /* physical cell */
  ea_writer_u32le (value, 0);               /* reselection: priority and three thresholds */
  ea_writer_u8 (value, 0);                  /* neighbours */
}

static void
write_nr_cell (const SimCoverage *coverage, EaWriter *value)
{
  sim_coverage_write_plmn (coverage, value);
  ea_writer_u24be (value, coverage->area);
  ea_writer_u32le (value, coverage->cell);
  ea_writer_u32le (value, 0);               /* upper half of the cell */
  ea_writer_u16le (value, SCRAMBLING_CODE); /* physical cell */
  ea_writer_u16le (value, LEVEL);           /* RSRQ */
  ea_writer_u16le (value, LEVEL);           /* RSRP */
  ea_writer_u16le (value, LEVEL);           /* SNR */
}

static guint8
write_cell (const SimCoverage *coverage, EaWriter *value)
{
  switch (coverage->radio)
    {
    case SIM_RADIO_GSM:
      write_gsm_cell (coverage, value);
      return 0x10;
    case SIM_RADIO_UMTS:
      write_umts_cell (coverage, value);
      return 0x11;
    case SIM_RADIO_LTE:
      write_lte_cell (coverage, value);
      return 0x13;
    case SIM_RADIO_NR:
      write_nr_cell (coverage, value);
      return 0x2F;
    }
  g_assert_not_reached ();
}

SimQmiError
sim_nas_write_cell_location (const SimModem *modem, EaWriter *tlvs)
{
  g_auto (EaWriter) value = { NULL };
  guint8 type;

  if (sim_modem_get_level (modem) == SIM_COVERAGE_NONE)
    return SIM_QMI_INFORMATION_UNAVAILABLE;
  ea_writer_init (&value);
  type = write_cell (&modem->coverage, &value);
  sim_qmi_add (tlvs, type, ea_writer_span (&value));
  if (modem->coverage.radio == SIM_RADIO_UMTS)
    sim_qmi_add_u32 (tlvs, 0x17, modem->coverage.cell);
  return SIM_QMI_OK;
}
