/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "endpoint-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wait.h"

#define ACCEPTED "accept 7"
#define MESSAGE "sms 00" /* through the card's own service centre */
#define KEY_SET_1_AES 0x12
#define SECOND_OFFSET 16 /* of TP-SCTS behind an address of 12 digits */
#define TAR_ISD_R 0x000001

static void
write_keys (EndpointRig *rig, const char *text)
{
  g_autofree char *path = g_build_filename (rig->keys_directory, "keys", NULL);

  assert_true (g_file_set_contents (path, text, -1, NULL));
}

EaOta *
endpoint_rig_new_ota (EndpointRig *rig)
{
  const EaOtaOptions options = {
    .modem = EA_MODEM (rig->modem),
    .card = rig->card,
    .keys = rig->keys,
    .store = rig->store,
    .name = "0",
    .activity = rig->activity,
    .context = &rig->log,
  };

  return ea_ota_new (&options);
}

void
endpoint_rig_begin (EndpointRig *rig, const char *eid)
{
  rig->modem = fake_modem_new ();
  fake_modem_answer_all (rig->modem, rig->standard_answer);
  rig->card = ea_card_new (EA_MODEM (rig->modem));
  rig->activity = ea_activity_new ();
  rig->store = ea_store_new (rig->directory, NULL);
  rig->keys = ea_key_ring_load (rig->keys_directory, NULL);
  assert_non_null (rig->store);
  assert_non_null (rig->keys);
  rig->ota = endpoint_rig_new_ota (rig);
  ea_ota_resume (rig->ota, eid);
}

void
endpoint_rig_end (EndpointRig *rig)
{
  g_clear_object (&rig->ota);
  run_ready ();
  g_clear_object (&rig->keys);
  g_clear_object (&rig->card);
  g_clear_object (&rig->activity);
  g_clear_object (&rig->modem);
  g_clear_pointer (&rig->store, ea_store_free);
}

void
endpoint_rig_restart (EndpointRig *rig)
{
  endpoint_rig_end (rig);
  endpoint_rig_begin (rig, RIG_EID);
}

EndpointRig *
endpoint_rig_new (void)
{
  EndpointRig *rig = g_new0 (EndpointRig, 1);

  fake_time_stop ();
  fake_store_reset ();
  rig->directory = g_dir_make_tmp ("euicc-endpoint-XXXXXX", NULL);
  rig->keys_directory = g_dir_make_tmp ("euicc-keys-XXXXXX", NULL);
  rig->command = (SimScp80Command){
    .spi1 = RIG_SPI1,
    .spi2 = RIG_SPI2,
    .kic = KEY_SET_1_AES,
    .kid = KEY_SET_1_AES,
    .tar = TAR_ISD_R,
  };
  write_keys (rig, "[* scp80 01]\n" RIG_KEYS);
  endpoint_rig_begin (rig, RIG_EID);
  return rig;
}

void
endpoint_rig_free (EndpointRig *rig)
{
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_end (rig);
  delete_directory (rig->directory);
  delete_directory (rig->keys_directory);
  g_free (rig->message);
  g_free (rig);
}

int
endpoint_rig_setup (void **state)
{
  *state = endpoint_rig_new ();
  return 0;
}

int
endpoint_rig_teardown (void **state)
{
  endpoint_rig_free (*state);
  return 0;
}

void
endpoint_rig_set_keys (EndpointRig *rig, const char *text)
{
  write_keys (rig, text);
  assert_true (ea_key_ring_reload (rig->keys, NULL, NULL));
}

void
endpoint_rig_answer (EndpointRig *rig, const char *answers)
{
  g_auto (GStrv) list = g_strsplit (answers, "|", -1);

  if (list[0] == NULL)
    fake_modem_answer (rig->modem, "");
  for (guint i = 0; list[i] != NULL; i++)
    if (list[i][0] == '!')
      fake_modem_fail (rig->modem, (EaModemError) g_ascii_strtoull (list[i] + 1, NULL, 10));
    else
      fake_modem_answer (rig->modem, list[i]);
}

void
endpoint_rig_answer_all (EndpointRig *rig, const char *answer)
{
  rig->standard_answer = answer;
  fake_modem_answer_all (rig->modem, answer);
}

/* (transfer full): the next packet */
static GBytes *
seal (EndpointRig *rig, SimScp80Form form, const char *kic, const char *kid, const char *script)
{
  g_autoptr (GBytes) kic_bytes = bytes_of (kic);
  g_autoptr (GBytes) kid_bytes = bytes_of (kid);
  g_autoptr (GBytes) data = bytes_of (script);
  const SimScp80Keys keys = { ea_span_from_bytes (kic_bytes), ea_span_from_bytes (kid_bytes) };
  GBytes *packet;

  rig->command.counter++;
  packet = sim_scp80_seal_command (&rig->command, form, ea_span_from_bytes (data), &keys, NULL);
  assert_non_null (packet);
  return packet;
}

GBytes *
endpoint_rig_seal_with (EndpointRig *rig, const char *kic, const char *kid, const char *script)
{
  return seal (rig, SIM_SCP80_FORM_SMS, kic, kid, script);
}

GBytes *
endpoint_rig_seal (EndpointRig *rig, const char *script)
{
  return endpoint_rig_seal_with (rig, RIG_KIC, RIG_KID, script);
}

GBytes *
endpoint_rig_seal_sdu (EndpointRig *rig, const char *script)
{
  return seal (rig, SIM_SCP80_FORM_CAT_TP, RIG_KIC, RIG_KID, script);
}

/* Digits of TP-SCTS are swapped. */
static guint8
swap_digits (guint number)
{
  return (guint8) (number % 10 << 4 | number / 10 % 10);
}

/* (transfer full): @tpdu, a second later than the one before */
static GBytes *
stamp (EndpointRig *rig, GBytes *tpdu)
{
  gsize size;
  guint8 *octets = g_bytes_unref_to_data (tpdu, &size);

  rig->n_messages++;
  octets[SECOND_OFFSET - 1] = swap_digits (rig->n_messages / 60);
  octets[SECOND_OFFSET] = swap_digits (rig->n_messages % 60);
  return g_bytes_new_take (octets, size);
}

GPtrArray *
endpoint_rig_segment (EndpointRig *rig, GBytes *packet)
{
  g_autoptr (GBytes) address = bytes_of (RIG_ADDRESS);
  GPtrArray *tpdus = sim_sms_build_deliver (ea_span_from_bytes (address),
                                            ea_span_from_bytes (packet), rig->reference++);

  for (guint i = 0; i < tpdus->len; i++)
    tpdus->pdata[i] = stamp (rig, tpdus->pdata[i]);
  return tpdus;
}

void
endpoint_rig_deliver_tpdu (EndpointRig *rig, GBytes *tpdu, EaModemSmsCustody custody)
{
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (tpdu));

  fake_modem_deliver (rig->modem, custody, hex);
}

void
endpoint_rig_deliver (EndpointRig *rig, GBytes *packet)
{
  g_autoptr (GPtrArray) tpdus = endpoint_rig_segment (rig, packet);

  for (guint i = 0; i < tpdus->len; i++)
    endpoint_rig_deliver_tpdu (rig, tpdus->pdata[i], EA_MODEM_SMS_UNACKNOWLEDGED);
}

void
endpoint_rig_send (EndpointRig *rig, const char *script)
{
  g_autoptr (GBytes) packet = endpoint_rig_seal (rig, script);

  endpoint_rig_deliver (rig, packet);
}

void
endpoint_rig_expect (EndpointRig *rig, const char *lines)
{
  g_auto (GStrv) list = g_strsplit (lines, "\n", -1);

  for (guint i = 0; list[i] != NULL; i++)
    assert_string_equal (fake_modem_await_line (rig->modem), list[i]);
}

void
endpoint_rig_expect_nothing (EndpointRig *rig)
{
  fake_time_stop ();
  run_ready ();
  assert_int_equal (rig->n_accepted, 0);
  assert_string_equal (fake_modem_read_diary (rig->modem), "");
}

void
endpoint_rig_expect_accepted (EndpointRig *rig)
{
  if (rig->n_accepted == 0)
    endpoint_rig_expect (rig, ACCEPTED);
  else
    rig->n_accepted--;
}

char *
endpoint_rig_read_until_proof (EndpointRig *rig)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  const char *line = fake_modem_await_line (rig->modem);

  for (; !g_str_has_prefix (line, MESSAGE); line = fake_modem_await_line (rig->modem))
    g_string_append_printf (lines, "%s\n", line);
  g_free (rig->message);
  rig->message = g_strdup (line);
  return g_string_free (g_steal_pointer (&lines), FALSE);
}

/* (transfer full) */
static char *
await_message (EndpointRig *rig)
{
  const char *line;

  if (rig->message != NULL)
    return g_steal_pointer (&rig->message);
  line = fake_modem_await_line (rig->modem);
  for (; g_str_equal (line, ACCEPTED); line = fake_modem_await_line (rig->modem))
    rig->n_accepted++;
  if (!g_str_has_prefix (line, MESSAGE))
    fail_msg ("'%s' instead of a proof of receipt", line);
  return g_strdup (line);
}

/* (transfer full) (nullable): the packet that the next message completes */
static GBytes *
receive_message (EndpointRig *rig, SimSmsAssembly *assembly)
{
  g_autofree char *line = await_message (rig);
  g_autoptr (GBytes) tpdu = bytes_of (line + strlen (MESSAGE));
  SimSms sms;

  assert_true (sim_sms_parse_submit (&sms, ea_span_from_bytes (tpdu), NULL));
  assert_span_is (sms.address, RIG_ADDRESS);
  assert_int_equal (sms.pid, SIM_SMS_PID_DATA_DOWNLOAD);
  assert_int_equal (sms.dcs, SIM_SMS_DCS_CLASS_2);
  return sim_sms_assembly_add (assembly, &sms);
}

GBytes *
endpoint_rig_receive (EndpointRig *rig, guint *n_messages)
{
  g_autoptr (SimSmsAssembly) assembly = sim_sms_assembly_new (SIM_SMS_PACKET_RESPONSE);
  GBytes *packet = NULL;

  for (*n_messages = 0; packet == NULL; (*n_messages)++)
    packet = receive_message (rig, assembly);
  return packet;
}

/* @packet answers @command. */
static void
assert_answer (GBytes *packet, SimScp80Form form, const SimScp80Command *command, guint8 status,
               const char *data)
{
  g_autoptr (GBytes) kic = bytes_of (RIG_KIC);
  g_autoptr (GBytes) kid = bytes_of (RIG_KID);
  const SimScp80Keys keys = { ea_span_from_bytes (kic), ea_span_from_bytes (kid) };
  SimScp80Response response;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) opened = sim_scp80_open_response (&response, command, form,
                                                       ea_span_from_bytes (packet), &keys, &error);

  if (opened == NULL)
    fail_msg ("%s", error->message);
  assert_int_equal (response.tar, command->tar);
  assert_int_equal (response.counter, command->counter);
  assert_int_equal (response.status, status);
  assert_bytes_are (opened, data);
}

guint
endpoint_rig_expect_proof_of (EndpointRig *rig, const SimScp80Command *command, guint8 status,
                              const char *data)
{
  guint n_messages;
  g_autoptr (GBytes) packet = endpoint_rig_receive (rig, &n_messages);

  assert_answer (packet, SIM_SCP80_FORM_SMS, command, status, data);
  return n_messages;
}

EaAnswers *
endpoint_rig_get_answers (EndpointRig *rig)
{
  return ea_endpoint_get_answers (ea_ota_get_endpoint (rig->ota));
}

EaEndpointVerdict
endpoint_rig_take_sdu (EndpointRig *rig, GBytes *sdu)
{
  return ea_endpoint_take_sdu (ea_ota_get_endpoint (rig->ota), ea_span_from_bytes (sdu),
                               RIG_SDU_MAX, RIG_PEER);
}

guint64
endpoint_rig_expect_answer (EndpointRig *rig, const SimScp80Command *command, guint8 status,
                            const char *data)
{
  guint64 number;
  g_autoptr (GBytes) packet
      = ea_answers_hand_out (endpoint_rig_get_answers (rig), RIG_PEER, &number);

  assert_non_null (packet);
  assert_answer (packet, SIM_SCP80_FORM_CAT_TP, command, status, data);
  return number;
}

void
endpoint_rig_expect_no_answer (EndpointRig *rig)
{
  guint64 number;

  assert_null (ea_answers_hand_out (endpoint_rig_get_answers (rig), RIG_PEER, &number));
}

guint
endpoint_rig_expect_proof (EndpointRig *rig, guint8 status, const char *data)
{
  return endpoint_rig_expect_proof_of (rig, &rig->command, status, data);
}

guint64
endpoint_rig_count (EndpointRig *rig, const char *counter)
{
  g_autoptr (GVariant) counters = g_variant_ref_sink (ea_activity_get_counters (rig->activity));
  guint64 value = 0;

  (void) g_variant_lookup (counters, counter, "t", &value); /* 0 when it is not there */
  return value;
}

guint
endpoint_rig_count_records (EndpointRig *rig, const char *prefix)
{
  g_auto (GStrv) records = NULL;

  run_ready ();
  records = ea_store_list (rig->store, prefix);
  return g_strv_length (records);
}
