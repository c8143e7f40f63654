/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Envelopes of any bytes, and those that are built of any parts (agent/core/cat-envelope.h). */

#include "core/apdu.h"
#include "core/cat-broadcast.h"
#include "core/cat-envelope.h"
#include "core/cat-event.h"
#include "core/cat-value.h"
#include "core/error.h"
#include "fuzz.h"

static gboolean
are_equal (const EaCatEnvelope *a, const EaCatEnvelope *b)
{
  return a->type == b->type && a->event == b->event && a->source == b->source
         && a->destination == b->destination && ea_span_equal (a->objects, b->objects);
}

static void
check_round_trip (const EaCatEnvelope *envelope)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = ea_cat_build_envelope (envelope, &error);
  EaCatEnvelope again;

  if (built == NULL)
    {
      FUZZ_CLAIM (error->code == EA_CORE_ERROR_LIMIT);
      FUZZ_CLAIM (envelope->objects.size > EA_APDU_DATA_MAX / 2);
      return;
    }
  FUZZ_CLAIM (g_bytes_get_size (built) <= EA_APDU_DATA_MAX);
  FUZZ_CLAIM (ea_cat_parse_envelope (&again, ea_span_from_bytes (built), NULL));
  FUZZ_CLAIM (are_equal (&again, envelope));
}

static void
check_objects (const EaCatEnvelope *envelope, EaSpan input)
{
  gsize n_bytes = 0;
  EaCatObject object;
  EaCatWalk walk;

  ea_cat_walk_init (&walk, ea_cat_envelope_get_layout (envelope), envelope->objects);
  while (ea_cat_walk_next (&walk, &object))
    {
      FUZZ_CLAIM (fuzz_is_inside (object.tlv.value, input));
      FUZZ_CLAIM ((object.tag & EA_CAT_TAG_ON_WIRE) == object.tlv.tag);
      n_bytes += object.tlv.value.size;
    }
  FUZZ_CLAIM (ea_reader_done (&walk.reader));
  FUZZ_CLAIM (n_bytes <= envelope->objects.size);
}

static void
check_envelope (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  EaCatEnvelope envelope;

  fuzz_poison (&envelope, sizeof envelope);
  if (!ea_cat_parse_envelope (&envelope, input, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (fuzz_is_poisoned (&envelope, sizeof envelope));
      return;
    }

  FUZZ_CLAIM (error == NULL);
  FUZZ_CLAIM (fuzz_is_inside (envelope.objects, input));
  FUZZ_CLAIM (ea_cat_get_envelope_layout (envelope.type) != NULL);
  check_objects (&envelope, input);
  check_round_trip (&envelope);
}

static void
check_page (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  g_auto (EaWriter) writer = { 0 };
  EaCatCellBroadcastPage page;
  EaCatCellBroadcastPage again;
  g_autofree char *text = NULL;

  fuzz_poison (&page, sizeof page);
  if (!ea_cat_parse_cell_broadcast_page (&page, input, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (fuzz_is_poisoned (&page, sizeof page));
      return;
    }

  FUZZ_CLAIM (page.page >= 1 && page.n_pages >= 1);
  text = ea_cat_get_cell_broadcast_text (&page);
  FUZZ_CLAIM (text == NULL || g_utf8_validate (text, -1, NULL));
  ea_writer_init (&writer);
  ea_cat_write_cell_broadcast_page (&writer, &page);
  FUZZ_CLAIM (ea_cat_parse_cell_broadcast_page (&again, ea_writer_span (&writer), NULL));
  FUZZ_CLAIM (again.scope == page.scope && again.message_code == page.message_code
              && again.update_number == page.update_number && again.page == page.page
              && again.n_pages == page.n_pages && ea_span_equal (again.content, page.content));
}

/* The first octet divides the rest into a service centre and a TPDU. */
static void
check_download (EaSpan input)
{
  g_autoptr (GBytes) built = NULL;
  g_autoptr (GError) error = NULL;
  EaReader reader;
  EaSpan smsc;
  EaSpan tpdu;

  ea_reader_init (&reader, input);
  smsc = ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  tpdu = ea_reader_rest (&reader);
  if (!ea_reader_is_ok (&reader))
    return;
  built = ea_cat_build_sms_pp_download (smsc, tpdu, &error);
  FUZZ_CLAIM ((built == NULL) == (error != NULL));
  if (built != NULL)
    check_envelope (ea_span_from_bytes (built));
}

/* What is built of a few octets is always a good envelope; @built is consumed. */
static void
check_built (GBytes *built)
{
  EaCatEnvelope envelope;

  FUZZ_CLAIM (built != NULL);
  FUZZ_CLAIM (ea_cat_parse_envelope (&envelope, ea_span_from_bytes (built), NULL));
  FUZZ_CLAIM (envelope.destination == EA_CAT_DEVICE_UICC);
  g_bytes_unref (built);
}

/* An error if and only if nothing was built; @built and @error are consumed. */
static void
check_built_or_refused (GBytes *built, GError *error)
{
  FUZZ_CLAIM ((built == NULL) == (error != NULL));
  g_clear_error (&error);
  if (built != NULL)
    check_built (built);
}

/* The first octet tells which event, or which area; the rest is its value. */
static void
check_events_of_any_size (EaSpan input)
{
  static const EaCatTag tags[]
      = { EA_CAT_TAG_LOCATION_INFORMATION, EA_CAT_TAG_ROUTING_AREA_INFORMATION,
          EA_CAT_TAG_TRACKING_AREA_IDENTIFICATION, EA_CAT_TAG_IMEI };
  EaCatNetworkRejection rejection = { 0 };
  GError *errors[5] = { NULL };
  GBytes *built;
  EaReader reader;
  guint8 octet;

  ea_reader_init (&reader, input);
  octet = ea_reader_u8 (&reader);
  rejection.area_tag = tags[octet % G_N_ELEMENTS (tags)];
  rejection.area = ea_reader_rest (&reader);
  built = ea_cat_build_location_status (EA_CAT_SERVICE_NORMAL, rejection.area, &errors[0]);
  check_built_or_refused (built, errors[0]);
  built = ea_cat_build_network_rejection (&rejection, &errors[1]);
  check_built_or_refused (built, errors[1]);
  built = ea_cat_build_access_technology_change (rejection.area, &errors[2]);
  check_built_or_refused (built, errors[2]);
  built = ea_cat_build_cell_broadcast_download (rejection.area, &errors[3]);
  check_built_or_refused (built, errors[3]);
  built = ea_cat_build_plain_event ((EaCatEvent) octet, &errors[4]);
  check_built_or_refused (built, errors[4]);
}

static void
check_events (EaSpan input)
{
  EaCatChannelStatus status = { 0 };
  EaReader reader;
  guint8 octet;

  ea_reader_init (&reader, input);
  octet = ea_reader_u8 (&reader);
  status.channel = octet & EA_CAT_CHANNEL_MAX;
  status.information = ea_reader_u8 (&reader);
  check_built (ea_cat_build_data_available (&status, input.size));
  check_built (ea_cat_build_channel_status_event (&status));
  check_built (ea_cat_build_menu_selection (octet, input.size % 2 == 0));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  EaSpan input = ea_span_init (data, size);

  check_envelope (input);
  check_page (input);
  check_download (input);
  check_events (input);
  check_events_of_any_size (input);
  return 0;
}
