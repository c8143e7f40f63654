/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-smsr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/sim-keys.h"
#include "card/sim-scp80.h"
#include "card/sim-sms.h"

void
test_smsr_begin (SimSmsr *smsr, const char *words)
{
  g_auto (GStrv) arguments = g_strsplit (words, " ", -1);
  g_autoptr (GError) error = NULL;

  if (!sim_smsr_start (smsr, (const char *const *) arguments, &error))
    fail_msg ("%s: %s", words, error->message);
}

GBytes *
test_smsr_take_packet (SimSmsr *smsr, GBytes **address)
{
  g_autoptr (SimSmsAssembly) assembly = sim_sms_assembly_new (SIM_SMS_PACKET_COMMAND);
  GBytes *packet = NULL;
  GBytes *tpdu;

  while ((tpdu = sim_smsr_pull_tpdu (smsr)) != NULL)
    {
      SimSms message = { 0 };

      assert_true (sim_sms_parse_deliver (&message, ea_span_from_bytes (tpdu), NULL));
      g_clear_pointer (address, g_bytes_unref);
      *address = ea_span_to_bytes (message.address);
      packet = sim_sms_assembly_add (assembly, &message);
      sim_smsr_delivered (smsr, TRUE, 0, 0);
      g_bytes_unref (tpdu);
    }
  assert_non_null (packet);
  return packet;
}

void
test_smsr_prove (SimSmsr *smsr)
{
  g_autoptr (GBytes) address = NULL;
  g_autoptr (GBytes) packet = NULL;
  g_autoptr (GBytes) script = NULL;
  g_autoptr (GBytes) proof = NULL;
  g_autoptr (GPtrArray) tpdus = NULL;
  SimScp80Command command = { 0 };
  SimScp80Response response = { 0 };

  packet = test_smsr_take_packet (smsr, &address);
  script = sim_scp80_open_command (&command, SIM_SCP80_FORM_SMS, ea_span_from_bytes (packet),
                                   &sim_keys, NULL);
  assert_non_null (script);
  response.tar = command.tar;
  response.counter = command.counter;
  proof = sim_scp80_seal_response (&response, &command, SIM_SCP80_FORM_SMS, EA_SPAN_EMPTY,
                                   &sim_keys, NULL);
  tpdus = sim_sms_build_submit (ea_span_from_bytes (address), SIM_SMS_PACKET_RESPONSE,
                                ea_span_from_bytes (proof), 0);
  for (guint i = 0; i < tpdus->len; i++)
    sim_smsr_receive (smsr, ea_span_from_bytes (g_ptr_array_index (tpdus, i)));
}

void
test_smsr_start (SimSmsr *smsr, const char *words)
{
  test_smsr_begin (smsr, words);
  test_smsr_prove (smsr);
}

void
test_smsr_assert_reply (SimSmsr *smsr, const char *expected)
{
  g_autofree char *reply = sim_smsr_pull_reply (smsr);

  assert_non_null (reply);
  assert_string_equal (reply, expected);
}

void
test_smsr_assert_gives_up (SimSmsr *smsr, const char *expected)
{
  assert_null (sim_smsr_pull_reply (smsr));
  sim_smsr_give_up (smsr);
  test_smsr_assert_reply (smsr, expected);
}
