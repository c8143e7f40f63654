/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-isdp.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/sim-tlv.h"

TestIsdp *
test_isdp_new (void)
{
  static const guint8 challenge[] = { 0xD0, 0xD1, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7 };
  TestIsdp *isdp = g_new0 (TestIsdp, 1);

  isdp->channel = sim_scp03t_card_new (EA_SPAN_OF_ARRAY (challenge));
  isdp->plain = g_byte_array_new ();
  return isdp;
}

void
test_isdp_free (TestIsdp *isdp)
{
  sim_scp03t_card_free (isdp->channel);
  g_byte_array_unref (isdp->plain);
  g_free (isdp);
}

GBytes *
test_isdp_run (TestIsdp *isdp, EaSpan script)
{
  g_auto (EaWriter) writer = { NULL };
  EaReader reader;

  ea_writer_init (&writer);
  ea_writer_u16be (&writer, 0xAF80);
  ea_reader_init (&reader, script);
  assert_int_equal (ea_reader_u16be (&reader), 0xAE80);
  while (ea_reader_remaining (&reader) > 2)
    {
      SimTlv tlv = sim_tlv_read (&reader);
      g_autoptr (GBytes) response = NULL;

      assert_true (ea_reader_is_ok (&reader));
      response = sim_scp03t_card_process (isdp->channel, (guint8) tlv.tag, tlv.value, isdp->plain);
      ea_writer_bytes (&writer, ea_span_from_bytes (response));
    }
  assert_int_equal (ea_reader_u16be (&reader), 0);
  ea_writer_u16be (&writer, 0);
  isdp->n_scripts++;
  return ea_writer_steal (&writer);
}

void
test_isdp_assert_profile (const TestIsdp *isdp, EaSpan file)
{
  EaReader reader;

  ea_reader_init (&reader, ea_span_from_array (isdp->plain));
  assert_int_equal (ea_reader_u32be (&reader), 0x50524F46);
  assert_int_equal (ea_reader_u32be (&reader), file.size);
  assert_true (ea_span_equal (ea_reader_rest (&reader), file));
}

char *
test_isdp_make_file (gsize size, GBytes **content)
{
  g_auto (EaWriter) writer = { NULL };
  char *path = NULL;
  int file = g_file_open_tmp ("profile-XXXXXX", &path, NULL);

  ea_writer_init (&writer);
  for (gsize i = 0; i < size; i++)
    ea_writer_u8 (&writer, (guint8) (i * i + i / 251));
  *content = ea_writer_steal (&writer);
  assert_true (file >= 0);
  assert_true (g_close (file, NULL));
  assert_true (g_file_set_contents (path, g_bytes_get_data (*content, NULL), (gssize) size, NULL));
  return path;
}
