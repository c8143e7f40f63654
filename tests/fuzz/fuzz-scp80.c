/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Secured packets (agent/core/scp80.h, scp80-seal.h): any bytes as a packet of either kind in either form, opened
 * with fixed keys; and packets built with parameters from the bytes, which must come back as they were.
 */

#include "core/scp80-seal.h"
#include "fuzz.h"
#include "scp80-keys.h"

/* Each algorithm with each size of key */
#define N_KEY_SETS 12

static EaScp80Keys
make_keys (EaScp80Algorithm algorithm, guint8 choice)
{
  static const gsize sizes[] = { 8, 16, 24, 32 };
  EaSpan span = ea_span_init (scp80_key, sizes[choice % G_N_ELEMENTS (sizes)]);

  return (EaScp80Keys){ algorithm, span, span };
}

static gboolean
is_same_header (const EaScp80Header *a, const EaScp80Header *b)
{
  return a->kind == b->kind && a->form == b->form && a->spi == b->spi && a->kic == b->kic
         && a->kid == b->kid && a->tar == b->tar;
}

static gboolean
is_same_contents (const EaScp80Contents *a, const EaScp80Contents *b)
{
  return a->counter == b->counter && a->padding == b->padding && a->status == b->status
         && ea_span_equal (a->data, b->data);
}

/* What was opened is built, read and opened again, and is the same. */
static void
check_round_trip (const EaScp80Packet *packet, const EaScp80Security *security,
                  const EaScp80Keys *keys, const EaScp80Contents *contents)
{
  EaScp80Security sized = *security;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;
  g_auto (EaScp80Contents) again = { 0 };
  EaScp80Packet parsed;

  sized.integrity_size = packet->integrity_size;
  built = ea_scp80_build (&packet->header, &sized, keys, contents, &error);
  FUZZ_CLAIM ((built == NULL) == (error != NULL));
  if (built == NULL)
    return;
  FUZZ_CLAIM (ea_scp80_parse (&parsed, packet->header.kind, packet->header.form,
                              ea_span_from_bytes (built), NULL));
  FUZZ_CLAIM (is_same_header (&parsed.header, &packet->header));
  FUZZ_CLAIM (ea_scp80_open (&parsed, security, keys, &again, NULL));
  FUZZ_CLAIM (ea_scp80_verify (&parsed, security, keys, &again, NULL));
  FUZZ_CLAIM (is_same_contents (contents, &again));
}

static void
check_opening (const EaScp80Packet *packet, const EaScp80Security *security,
               const EaScp80Keys *keys)
{
  g_autoptr (GError) error = NULL;
  EaScp80Contents contents;

  fuzz_poison (&contents, sizeof contents);
  if (!ea_scp80_open (packet, security, keys, &contents, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (fuzz_is_poisoned (&contents, sizeof contents));
      return;
    }
  FUZZ_CLAIM (error == NULL);
  FUZZ_CLAIM (contents.body.size == packet->body.size);
  FUZZ_CLAIM (fuzz_is_inside (contents.data, contents.body));
  FUZZ_CLAIM (fuzz_is_inside (contents.integrity, contents.body));
  FUZZ_CLAIM (contents.plain != NULL || fuzz_is_inside (contents.body, packet->body));
  FUZZ_CLAIM (ea_scp80_verify (packet, security, keys, &contents, &error) == (error == NULL));
  if (contents.is_padded)
    check_round_trip (packet, security, keys, &contents);
  ea_scp80_contents_clear (&contents);
}

static void
check_unwrap (const EaScp80Packet *packet, const EaScp80Keys *keys, guint64 before)
{
  g_autoptr (GError) error = NULL;
  EaScp80Contents contents;
  EaScp80Status status;
  guint64 highest = before;

  fuzz_poison (&contents, sizeof contents);
  if (!ea_scp80_unwrap_command (packet, keys, &highest, &contents, &status, &error))
    {
      FUZZ_CLAIM (error != NULL && highest == before && status != EA_SCP80_STATUS_OK);
      FUZZ_CLAIM (fuzz_is_poisoned (&contents, sizeof contents));
      return;
    }
  FUZZ_CLAIM (error == NULL && status == EA_SCP80_STATUS_OK);
  FUZZ_CLAIM (highest > before && highest == contents.counter);
  FUZZ_CLAIM (contents.is_padded && packet->integrity_size == EA_SCP80_CC_SIZE);
  FUZZ_CLAIM ((packet->header.spi & EA_SCP80_SPI_RESERVED) == 0);
  FUZZ_CLAIM (!ea_scp80_read_spi (packet->header.spi).is_ciphered
              || ea_scp80_get_key_set (packet->header.kic)
                     == ea_scp80_get_key_set (packet->header.kid));
  ea_scp80_contents_clear (&contents);
}

static gboolean
check_parse (EaScp80Packet *packet, EaScp80Kind kind, EaScp80Form form, EaSpan input)
{
  g_autoptr (GError) error = NULL;

  fuzz_poison (packet, sizeof *packet);
  if (!ea_scp80_parse (packet, kind, form, input, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (fuzz_is_poisoned (packet, sizeof *packet));
      return FALSE;
    }
  FUZZ_CLAIM (error == NULL);
  FUZZ_CLAIM (packet->clear.size + packet->body.size == input.size);
  FUZZ_CLAIM (fuzz_is_inside (packet->clear, input) && fuzz_is_inside (packet->body, input));
  FUZZ_CLAIM (fuzz_is_inside (packet->fields, packet->clear));
  FUZZ_CLAIM (packet->integrity_size < packet->body.size);
  return TRUE;
}

static void
check_command (EaScp80Form form, EaSpan input)
{
  EaScp80Packet packet;

  if (!check_parse (&packet, EA_SCP80_COMMAND, form, input))
    return;
  for (guint i = 0; i < N_KEY_SETS; i++)
    {
      EaScp80Security security = ea_scp80_get_security (&packet.header);
      EaScp80Keys keys = make_keys ((EaScp80Algorithm) (i / 4), (guint8) i);

      check_opening (&packet, &security, &keys);
      check_unwrap (&packet, &keys, 1);
      check_unwrap (&packet, &keys, EA_SCP80_COUNTER_MAX);
    }
}

/* SPI2, KIc and KID of the command that is answered are taken from the TAR. */
static void
check_response (EaScp80Form form, EaSpan input)
{
  EaScp80Packet packet;
  EaScp80Header command = { 0 };
  EaScp80Security security;

  if (!check_parse (&packet, EA_SCP80_RESPONSE, form, input))
    return;
  command.spi = (guint8) (packet.header.tar >> 16);
  command.kic = (guint8) (packet.header.tar >> 8);
  command.kid = (guint8) packet.header.tar;
  security = ea_scp80_get_response_security (&command);
  for (guint i = 0; i < N_KEY_SETS; i++)
    {
      EaScp80Keys keys = make_keys ((EaScp80Algorithm) (i / 4), (guint8) i);

      check_opening (&packet, &security, &keys);
    }
}

static void
check_form (EaScp80Kind kind, EaSpan input)
{
  g_autoptr (GError) error = NULL;
  EaScp80Form form;
  EaSpan packet;

  if (!ea_scp80_find_form (input, kind, &form, &packet, &error))
    {
      EaScp80Packet parsed;

      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (!ea_scp80_parse (&parsed, kind, EA_SCP80_FORM_CAT_TP, input, NULL));
      FUZZ_CLAIM (!ea_scp80_parse (&parsed, kind, EA_SCP80_FORM_SMS,
                                   ea_scp80_skip_user_data_header (input, kind), NULL));
      return;
    }
  FUZZ_CLAIM (error == NULL && fuzz_is_inside (packet, input));
}

/* A packet with parameters and data of any kind that can be wrapped can be unwrapped. */
static void
check_wrap (EaSpan input)
{
  EaScp80Header header = { 0 };
  EaScp80Contents contents = { 0 };
  g_auto (EaScp80Contents) opened = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;
  EaScp80Security security;
  EaScp80Packet packet;
  EaScp80Keys keys;
  EaReader reader;
  guint8 choice;

  ea_reader_init (&reader, input);
  choice = ea_reader_u8 (&reader);
  header.kind = (EaScp80Kind) (choice & 1);
  header.form = (EaScp80Form) (choice >> 1 & 1);
  keys = make_keys ((EaScp80Algorithm) ((choice >> 2 & 3) % 3), choice >> 4);
  header.spi = ea_reader_u16be (&reader);
  header.kic = ea_reader_u8 (&reader);
  header.kid = ea_reader_u8 (&reader);
  header.tar = ea_reader_u24be (&reader);
  contents.counter = (guint64) ea_reader_u8 (&reader) << 32;
  contents.counter |= ea_reader_u32be (&reader);
  contents.status = header.kind == EA_SCP80_RESPONSE ? ea_reader_u8 (&reader) : 0;
  contents.data = ea_reader_rest (&reader);
  security = ea_scp80_get_security (&header);
  built = ea_scp80_wrap (&header, &security, &keys, &contents, &error);
  FUZZ_CLAIM ((built == NULL) == (error != NULL));
  if (built == NULL)
    return;

  FUZZ_CLAIM (ea_scp80_parse (&packet, header.kind, header.form, ea_span_from_bytes (built), NULL));
  FUZZ_CLAIM (packet.header.tar == header.tar);
  FUZZ_CLAIM (ea_scp80_unwrap_response (&packet, &security, &keys, &opened, NULL));
  contents.padding = opened.padding;
  FUZZ_CLAIM (is_same_contents (&contents, &opened));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  EaSpan input = ea_span_init (data, size);

  check_command (EA_SCP80_FORM_SMS, input);
  check_command (EA_SCP80_FORM_CAT_TP, input);
  check_response (EA_SCP80_FORM_SMS, input);
  check_response (EA_SCP80_FORM_CAT_TP, input);
  check_form (EA_SCP80_COMMAND, input);
  check_form (EA_SCP80_RESPONSE, input);
  check_wrap (input);
  return 0;
}
