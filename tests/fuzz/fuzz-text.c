/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Text of all alphabets (agent/core/text.h). The first byte chooses fill bits and a count; the others are
 * the text. What was decoded is valid UTF-8, and stays the same when it is encoded and decoded again.
 */

#include <string.h>

#include "core/text.h"
#include "fuzz.h"

typedef char *(*DecodeFunc) (EaSpan span, GError **error);
typedef gboolean (*EncodeFunc) (EaWriter *writer, const char *text, GError **error);

static void
check_coding (EaSpan input, DecodeFunc decode, EncodeFunc encode)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = decode (input, &error);
  g_autofree char *again = NULL;
  g_auto (EaWriter) writer = { 0 };

  FUZZ_CLAIM ((text == NULL) == (error != NULL));
  if (text == NULL)
    return;
  FUZZ_CLAIM (g_utf8_validate (text, -1, NULL));
  ea_writer_init (&writer);
  FUZZ_CLAIM (encode (&writer, text, NULL));
  again = decode (ea_writer_span (&writer), NULL);
  FUZZ_CLAIM (again != NULL && strcmp (text, again) == 0);
}

static void
check_text_string (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  guint8 dcs = 0;
  g_autofree char *text = ea_text_decode_text_string (input, &dcs, &error);
  g_autofree char *again = NULL;
  g_auto (EaWriter) writer = { 0 };

  FUZZ_CLAIM ((text == NULL) == (error != NULL));
  if (text == NULL)
    return;
  FUZZ_CLAIM (g_utf8_validate (text, -1, NULL));
  ea_writer_init (&writer);
  FUZZ_CLAIM (ea_text_encode_text_string (&writer, text, dcs, NULL));
  again = ea_text_decode_text_string (ea_writer_span (&writer), NULL, NULL);
  FUZZ_CLAIM (again != NULL && strcmp (text, again) == 0);
}

static void
check_septets (EaSpan input, guint n_fill_bits, gsize n_septets)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = ea_text_decode_septets (input, n_septets, n_fill_bits, &error);
  g_autofree char *again = NULL;
  g_auto (EaWriter) writer = { 0 };
  gsize n_written = 0;

  FUZZ_CLAIM ((text == NULL) == (error != NULL));
  FUZZ_CLAIM ((text != NULL) == (n_septets == 0 || n_fill_bits + n_septets * 7 <= input.size * 8));
  if (text == NULL)
    return;
  FUZZ_CLAIM (g_utf8_validate (text, -1, NULL));
  FUZZ_CLAIM (strlen (text) <= n_septets * EA_TEXT_SEPTET_UTF8_MAX);
  ea_writer_init (&writer);
  FUZZ_CLAIM (ea_text_encode_septets (&writer, text, n_fill_bits, &n_written, NULL));
  FUZZ_CLAIM (n_written <= n_septets);
  again = ea_text_decode_septets (ea_writer_span (&writer), n_written, n_fill_bits, NULL);
  FUZZ_CLAIM (again != NULL && strcmp (text, again) == 0);
}

/* Any UTF-8 is encoded or refused, and comes back. */
static void
check_encoding (EaSpan input, DecodeFunc decode, EncodeFunc encode)
{
  g_autofree char *text = g_strndup ((const char *) input.data, input.size);
  g_autofree char *again = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (EaWriter) writer = { 0 };

  if (!g_utf8_validate (text, -1, NULL))
    return;
  ea_writer_init (&writer);
  if (!encode (&writer, text, &error))
    {
      FUZZ_CLAIM (error != NULL && ea_writer_span (&writer).size == 0);
      return;
    }
  again = decode (ea_writer_span (&writer), NULL);
  FUZZ_CLAIM (again != NULL && strcmp (text, again) == 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  EaSpan input = ea_span_init (data, size);
  EaSpan rest = ea_span_tail (input, 1);
  EaReader reader;
  guint8 choice;

  ea_reader_init (&reader, input);
  choice = ea_reader_u8 (&reader);
  check_coding (input, ea_text_decode_8bit, ea_text_encode_8bit);
  check_coding (input, ea_text_decode_ucs2, ea_text_encode_ucs2);
  check_coding (input, ea_text_decode_alpha, ea_text_encode_alpha);
  check_text_string (input);
  for (guint n_fill_bits = 0; n_fill_bits < EA_TEXT_SEPTET_BITS; n_fill_bits++)
    check_septets (rest, n_fill_bits, choice);
  if (size > 0)
    {
      check_encoding (input, ea_text_decode_8bit, ea_text_encode_8bit);
      check_encoding (input, ea_text_decode_ucs2, ea_text_encode_ucs2);
      check_encoding (input, ea_text_decode_alpha, ea_text_encode_alpha);
    }
  return 0;
}
