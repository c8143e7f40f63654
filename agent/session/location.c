/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Networks, areas and cells for the card. */

#include "session/location.h"

#include "core/cat-location.h"

/* Update/attach types, TS 31.111 §8.92. The modem tells the domain only: an attach is what it most likely
 * was. */
#define NORMAL_LOCATION_UPDATING 0x00
#define GPRS_ATTACH 0x03
#define COMBINED_GPRS_IMSI_ATTACH 0x04
#define EPS_ATTACH 0x09
#define COMBINED_EPS_IMSI_ATTACH 0x0A
#define INITIAL_REGISTRATION 0x0F

/* The cell of E-UTRAN and NG-RAN is filled up with ones at its end, TS 31.111 §8.19. */
#define CELL_FILL_BITS 4
#define CELL_FILL 0x0F

#define U16_BITS 16

/* No valid area, TS 24.008 §10.5.1.3, TS 24.301 §9.9.3.32, TS 24.501 §9.11.3.8. */
#define AREA_UNKNOWN 0xFFFE
#define AREA_UNKNOWN_5GS 0xFFFFFE

EaCatService
ea_location_get_service (EaModemService service)
{
  switch (service)
    {
    case EA_MODEM_SERVICE_NONE:
      return EA_CAT_SERVICE_NONE;
    case EA_MODEM_SERVICE_LIMITED:
      return EA_CAT_SERVICE_LIMITED;
    case EA_MODEM_SERVICE_NORMAL:
      return EA_CAT_SERVICE_NORMAL;
    }
  g_assert_not_reached ();
}

static EaCatPlmn
get_plmn (const char *mcc, const char *mnc)
{
  EaCatPlmn plmn = { 0 };

  (void) g_strlcpy (plmn.mcc, mcc, sizeof plmn.mcc);
  (void) g_strlcpy (plmn.mnc, mnc, sizeof plmn.mnc);
  return plmn;
}

static void
take_cell (EaCatLocation *location, const EaModemNetwork *network)
{
  guint32 filled = network->cell << CELL_FILL_BITS | CELL_FILL;

  if (network->technology == EA_LOCATION_NG_RAN)
    {
      location->nr_cell = (guint64) network->cell << CELL_FILL_BITS | CELL_FILL;
      return;
    }
  location->has_cell = TRUE;
  switch (network->technology)
    {
    case EA_LOCATION_EUTRAN:
      location->cell = (guint16) (filled >> U16_BITS);
      location->has_extended_cell = TRUE;
      location->extended_cell = (guint16) filled;
      return;
    case EA_LOCATION_UTRAN: /* the radio network controller is before the cell */
      location->has_extended_cell = TRUE;
      location->extended_cell = (guint16) (network->cell >> U16_BITS);
      break;
    default:
      break;
    }
  location->cell = (guint16) network->cell;
}

GBytes *
ea_location_build (const EaModemNetwork *network)
{
  EaCatLocation location = { 0 };
  g_auto (EaWriter) value = { 0 };

  if (network->mcc[0] == '\0' || !network->has_area)
    return NULL;
  location.plmn = get_plmn (network->mcc, network->mnc);
  location.area_code = network->area_code;
  location.is_ng_ran = network->technology == EA_LOCATION_NG_RAN;
  if (network->has_cell)
    take_cell (&location, network);
  ea_writer_init (&value);
  ea_cat_write_location_information (&value, &location);
  return ea_writer_steal (&value);
}

GBytes *
ea_location_build_status (const EaModemNetwork *network)
{
  g_autoptr (GBytes) location = NULL;

  if (network->service == EA_MODEM_SERVICE_NORMAL)
    location = ea_location_build (network);
  return ea_cat_build_location_status (ea_location_get_service (network->service),
                                       ea_span_from_bytes (location), NULL);
}

static guint8
get_attach_type (const EaModemRejection *rejection)
{
  gboolean is_combined = rejection->domain == (EA_MODEM_DOMAIN_CIRCUIT | EA_MODEM_DOMAIN_PACKET);

  if (rejection->technology == EA_LOCATION_NG_RAN)
    return INITIAL_REGISTRATION;
  if (rejection->technology == EA_LOCATION_EUTRAN)
    return is_combined ? COMBINED_EPS_IMSI_ATTACH : EPS_ATTACH;
  if (is_combined)
    return COMBINED_GPRS_IMSI_ATTACH;
  return rejection->domain == EA_MODEM_DOMAIN_PACKET ? GPRS_ATTACH : NORMAL_LOCATION_UPDATING;
}

/* A routing area has a code that the modem does not tell, so that of GSM and UTRAN is told as a location
 * area. */
static EaCatTag
write_area (EaWriter *value, const EaModemRejection *rejection)
{
  gboolean is_5gs = rejection->technology == EA_LOCATION_NG_RAN;
  guint32 unknown = is_5gs ? AREA_UNKNOWN_5GS : AREA_UNKNOWN;
  guint32 area_code = rejection->has_area ? rejection->area_code : unknown;
  EaCatTrackingArea tracking_area = { .plmn = get_plmn (rejection->mcc, rejection->mnc),
                                      .is_5gs = is_5gs,
                                      .tracking_area_code = area_code };
  EaCatLocation location = { .plmn = tracking_area.plmn, .area_code = area_code };

  if (is_5gs || rejection->technology == EA_LOCATION_EUTRAN)
    {
      ea_cat_write_tracking_area (value, &tracking_area);
      return EA_CAT_TAG_TRACKING_AREA_IDENTIFICATION;
    }
  ea_cat_write_location_information (value, &location);
  return EA_CAT_TAG_LOCATION_INFORMATION;
}

GBytes *
ea_location_build_rejection (const EaModemRejection *rejection)
{
  g_auto (EaWriter) area = { 0 };
  EaCatNetworkRejection event = { 0 };

  if (rejection->mcc[0] == '\0')
    return NULL;
  ea_writer_init (&area);
  event.area_tag = write_area (&area, rejection);
  event.area = ea_writer_span (&area);
  event.access_technology = rejection->technology;
  event.update_attach_type = get_attach_type (rejection);
  event.cause = rejection->cause;
  return ea_cat_build_network_rejection (&event, NULL);
}
