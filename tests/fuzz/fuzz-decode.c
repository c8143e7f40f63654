/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whatever `euiccctl decode` is fed (agent/ctl/decode.h). The first octet chooses the kind, the second how it
 * is printed; the rest is the item, in every form. One line comes out, or a tree, or an error.
 */

#include "ctl/decode.h"

#include <string.h>

#include "fuzz.h"

static char key_file[] = "[* scp80 1]\n"
                         "Kic=30313233343536373839414243444546\n"
                         "Kid=50515253545556575859616263646566\n";

static EaKeys *
get_keys (void)
{
  static EaKeys *keys;

  if (keys == NULL)
    keys = ea_keys_parse ((guint8 *) key_file, strlen (key_file), NULL);
  return keys;
}

/* Brackets outside of strings: as many are closed as were opened. */
static gboolean
is_balanced (const char *json)
{
  gboolean is_string = FALSE;
  int depth = 0;

  for (; *json != '\0'; json++)
    {
      if (is_string && *json == '\\' && json[1] != '\0')
        json++;
      else if (*json == '"')
        is_string = !is_string;
      else if (!is_string && strchr ("{[", *json) != NULL)
        depth++;
      else if (!is_string && strchr ("}]", *json) != NULL)
        depth--;
    }
  return depth == 0 && !is_string;
}

static void
check (const char *kind, const char *hex, const EaDecodeOptions *options, EaReportFormat format)
{
  g_auto (EaDecoder) decoder = { 0 };
  gboolean is_good;

  ea_decoder_init (&decoder, kind, options, format);
  is_good = ea_decoder_run (&decoder, hex, strlen (hex));
  FUZZ_CLAIM (decoder.out->len > 0 && decoder.out->str[decoder.out->len - 1] == '\n');
  FUZZ_CLAIM (g_utf8_validate (decoder.out->str, (gssize) decoder.out->len, NULL));
  if (format != EA_REPORT_JSON_SHORT)
    return;
  FUZZ_CLAIM (strchr (decoder.out->str, '\n') == decoder.out->str + decoder.out->len - 1);
  FUZZ_CLAIM (is_balanced (decoder.out->str));
  FUZZ_CLAIM (is_good == !g_str_has_prefix (decoder.out->str, "{\"error\""));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *list = g_strchomp (ea_decode_describe_kinds ());
  g_auto (GStrv) kinds = g_strsplit (list, "\n", -1);
  EaDecodeOptions options = { .keys = get_keys () };
  g_autofree char *hex = NULL;
  const char *kind;
  EaReader reader;

  ea_reader_init (&reader, ea_span_init (data, size));
  kind = strtok (kinds[ea_reader_u8 (&reader) % g_strv_length (kinds)], " ");
  options.has_smsc = (ea_reader_peek_u8 (&reader) & 0x80) != 0;
  if ((ea_reader_peek_u8 (&reader) & 0x40) != 0)
    options.keys = NULL;
  options.form = (EaDecodeForm) (ea_reader_u8 (&reader) % (EA_DECODE_FORM_COMPREHENSION + 1));
  hex = ea_span_to_hex (ea_reader_rest (&reader));

  check (kind, hex, &options, EA_REPORT_TABLE);
  check (kind, hex, &options, EA_REPORT_JSON_SHORT);
  check (kind, hex, &options, EA_REPORT_JSON_PRETTY);
  return 0;
}
