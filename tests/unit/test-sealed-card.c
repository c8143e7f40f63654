/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Sealed packets (agent/session/sealed.h) of the simulated SM-SR, which the simulated eUICC opens and answers: both have
 * code of their own for packets and short messages. Between them is a modem that passes on APDUs and nothing else.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card.h"
#include "card/sim-keys.h"
#include "helpers.h"
#include "session/sealed.h"
#include "wait.h"

#define SMS_HEADER_SIZE 3
#define INS_ENVELOPE 0xC2 /* TS 102 221 §11.2.2 */

/* SPI: ciphered, CC, counter higher; proof of receipt always, the same, by SMS-SUBMIT or in the report */
#define SPI1 0x16
#define SPI2_SUBMIT 0x39
#define SPI2_REPORT 0x19

/* GET DATA of the ISD-R for the EID as a command TLV (TS 102 226 §5.2.1), and the EID of the simulated card */
#define GET_EID "220580CA005A00"
#define EID "89001012012341234012345678901224"

/* A modem without a toolkit service */

#define CARD_TYPE_MODEM (card_modem_get_type ())
G_DECLARE_FINAL_TYPE (CardModem, card_modem, CARD, MODEM, EaModem)

struct _CardModem
{
  EaModem parent_instance;

  SimCard *card;
  guint n_envelopes;
  gboolean is_slow; /* the answer to an ENVELOPE stays in the modem */
  GTask *held;      /* with that answer */
  GBytes *answer;
};

G_DEFINE_FINAL_TYPE (CardModem, card_modem, EA_TYPE_MODEM)

static void
transmit (EaModem *modem, guint channel, GBytes *apdu, GTask *task)
{
  CardModem *self = CARD_MODEM (modem);
  GBytes *response = sim_card_transmit (self->card, ea_span_from_bytes (apdu));
  gboolean is_envelope = ea_span_from_bytes (apdu).data[1] == INS_ENVELOPE;

  self->n_envelopes += is_envelope;
  if (is_envelope && self->is_slow)
    {
      assert_null (self->held);
      self->held = task;
      self->answer = response;
      return;
    }
  g_task_return_pointer (task, response, (GDestroyNotify) g_bytes_unref);
  g_object_unref (task);
}

static void
send_envelope (EaModem *modem, GBytes *envelope, GTask *task)
{
  g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED, "no toolkit");
  g_object_unref (task);
}

static void
card_modem_finalize (GObject *object)
{
  sim_card_free (CARD_MODEM (object)->card);
  G_OBJECT_CLASS (card_modem_parent_class)->finalize (object);
}

static void
card_modem_class_init (CardModemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = card_modem_finalize;
  EA_MODEM_CLASS (klass)->transmit = transmit;
  EA_MODEM_CLASS (klass)->send_envelope = send_envelope;
}

static void
card_modem_init (CardModem *self)
{
  const SimCardOptions options = { .max_channels = 2 };

  self->card = sim_card_new (&options);
}

/* The fixture */

typedef struct
{
  CardModem *modem;
  EaCard *card;
  EaLogContext log;
  EaSealed *sealed;
  guint64 counter;
  guint n_messages; /* of the card */
  GBytes *answer;
  GError *error;
} Rig;

static void
on_responded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  assert_true (ea_card_respond_finish (EA_CARD (source), result, NULL));
}

/* Every command of this card is SEND SHORT MESSAGE, whose last object has the SMS-SUBMIT. */
static void
on_proactive_command (EaCard *card, const EaCardProactive *proactive, gpointer user_data)
{
  g_autoptr (GBytes) response = bytes_of ("810301130082028281830100");
  Rig *rig = user_data;
  EaSpan command = ea_span_from_bytes (proactive->command);
  EaReader reader;

  ea_reader_init (&reader, command);
  while (ea_reader_remaining (&reader) > 0 && ea_reader_peek_u8 (&reader) != 0x8B)
    (void) ea_reader_u8 (&reader);
  (void) ea_reader_u8 (&reader);
  if (ea_reader_u8 (&reader) == 0x81)
    (void) ea_reader_u8 (&reader);
  assert_true (ea_sealed_take_message (rig->sealed, ea_reader_rest (&reader)));
  rig->n_messages++;
  ea_card_respond_async (card, proactive, response, NULL, on_responded, NULL);
}

static int
setup (void **state)
{
  Rig *rig = g_new0 (Rig, 1);

  rig->modem = g_object_new (CARD_TYPE_MODEM, NULL);
  ea_modem_set_role (EA_MODEM (rig->modem), EA_MODEM_ROLE_HOST, "as the test says");
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_READY);
  rig->card = ea_card_new (EA_MODEM (rig->modem));
  rig->sealed = ea_sealed_new (EA_MODEM (rig->modem), rig->card, &rig->log);
  g_signal_connect (rig->card, "proactive-command", G_CALLBACK (on_proactive_command), rig);
  *state = rig;
  return 0;
}

static int
teardown (void **state)
{
  Rig *rig = *state;

  run_ready ();
  ea_sealed_end (rig->sealed);
  g_object_unref (rig->sealed);
  g_object_unref (rig->card);
  g_object_unref (rig->modem);
  g_clear_pointer (&rig->answer, g_bytes_unref);
  g_free (rig);
  return 0;
}

static void
on_carried (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Rig *rig = user_data;

  if (!ea_sealed_carry_finish (EA_SEALED (source), result, &rig->answer, &rig->error))
    fail_msg ("%s", rig->error->message);
}

/* (transfer full): the script with GET_EID @n times, in at most 255 bytes */
static GBytes *
make_script (guint n)
{
  g_autoptr (GString) script = g_string_new (NULL);
  g_autofree char *hex = NULL;

  for (guint i = 0; i < n; i++)
    g_string_append (script, GET_EID);
  hex = g_strdup_printf (script->len / 2 > 127 ? "AA81%02X%s" : "AA%02X%s", (guint) script->len / 2,
                         script->str);
  return bytes_of (hex);
}

/* (transfer full): the SDU with @n commands; @command: (out): its header */
static GBytes *
seal (Rig *rig, guint8 spi2, guint n, SimScp80Command *command)
{
  g_autoptr (GBytes) script = make_script (n);
  g_autoptr (GBytes) packet = NULL;
  EaWriter writer;

  *command = (SimScp80Command){
    .spi1 = SPI1,
    .spi2 = spi2,
    .kic = SIM_KEYS_AES_IDENTIFIER,
    .kid = SIM_KEYS_AES_IDENTIFIER,
    .tar = SIM_TAR_ISD_R,
    .counter = ++rig->counter,
  };
  packet = sim_scp80_seal_command (command, SIM_SCP80_FORM_SMS, ea_span_from_bytes (script),
                                   &sim_keys, NULL);
  ea_writer_init (&writer);
  ea_writer_u24be (&writer, 0x027000);
  ea_writer_bytes (&writer, ea_span_from_bytes (packet));
  return ea_writer_steal (&writer);
}

/* The card carries out @n commands; returns what the SM-SR opens of its answer. */
static GBytes *
exchange (Rig *rig, guint8 spi2, guint n)
{
  SimScp80Command command;
  SimScp80Response response;
  g_autoptr (GBytes) sdu = seal (rig, spi2, n, &command);
  GBytes *opened;

  rig->modem->n_envelopes = 0;
  rig->n_messages = 0;
  g_clear_pointer (&rig->answer, g_bytes_unref);
  ea_sealed_carry_async (rig->sealed, sdu, "+999102127", NULL, on_carried, rig);
  WAIT_FOR (rig->answer != NULL);
  assert_span_is (ea_span_head (ea_span_from_bytes (rig->answer), SMS_HEADER_SIZE), "027100");
  opened = sim_scp80_open_response (
      &response, &command, SIM_SCP80_FORM_SMS,
      ea_span_tail (ea_span_from_bytes (rig->answer), SMS_HEADER_SIZE), &sim_keys, NULL);
  assert_non_null (opened);
  assert_int_equal (response.status, SIM_SCP80_STATUS_OK);
  assert_int_equal (response.counter, command.counter);
  return opened;
}

/* Each command has its response, in the response scripting template of TS 102 226 §5.2.2 */
static void
assert_answers (GBytes *opened, guint n)
{
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (opened));
  const char *rest = hex;
  guint n_found = 0;

  assert_true (g_str_has_prefix (hex, "AB"));
  while ((rest = g_strstr_len (rest, -1, EID "9000")) != NULL)
    {
      n_found++;
      rest += sizeof EID - 1;
    }
  assert_int_equal (n_found, n);
}

static void
test_card_answers_in_a_short_message (void **state)
{
  Rig *rig = *state;
  g_autoptr (GBytes) opened = exchange (rig, SPI2_SUBMIT, 1);

  assert_answers (opened, 1);
  assert_int_equal (rig->modem->n_envelopes, 1);
  assert_int_equal (rig->n_messages, 1);
}

static void
test_card_answers_in_the_response_to_the_envelope (void **state)
{
  Rig *rig = *state;
  g_autoptr (GBytes) opened = exchange (rig, SPI2_REPORT, 1);

  assert_answers (opened, 1);
  assert_int_equal (rig->modem->n_envelopes, 1);
  assert_int_equal (rig->n_messages, 0);
}

static void
test_card_puts_a_long_packet_together_and_answers_in_several_messages (void **state)
{
  Rig *rig = *state;
  g_autoptr (GBytes) opened = exchange (rig, SPI2_SUBMIT, 30);
  g_autoptr (GBytes) again = NULL;

  assert_answers (opened, 30);
  assert_int_equal (rig->modem->n_envelopes, 2);
  assert_in_range (rig->n_messages, 5, 7);
  again = exchange (rig, SPI2_SUBMIT, 30);
  assert_answers (again, 30);
}

static void
expect_cancelled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GBytes *answer;
  GError *error = NULL;

  assert_false (ea_sealed_carry_finish (EA_SEALED (source), result, &answer, &error));
  assert_true (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_error_free (error);
  *(gboolean *) user_data = TRUE;
}

/* What the card says then is about the packet before. */
static void
test_packet_waits_for_the_word_on_a_segment_of_a_cancelled_one (void **state)
{
  Rig *rig = *state;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  SimScp80Command command;
  g_autoptr (GBytes) first = seal (rig, SPI2_SUBMIT, 30, &command);
  g_autoptr (GBytes) second = seal (rig, SPI2_SUBMIT, 1, &command);
  gboolean is_cancelled = FALSE;

  sim_card_fail (rig->modem->card, INS_ENVELOPE, 0x6F00, 1);
  rig->modem->is_slow = TRUE;
  ea_sealed_carry_async (rig->sealed, first, "+999102127", cancellable, expect_cancelled,
                         &is_cancelled);
  WAIT_FOR (rig->modem->held != NULL);
  g_cancellable_cancel (cancellable);
  WAIT_FOR (is_cancelled);
  ea_sealed_carry_async (rig->sealed, second, "+999102127", NULL, on_carried, rig);
  run_ready ();
  rig->modem->is_slow = FALSE;
  g_task_return_pointer (rig->modem->held, rig->modem->answer, (GDestroyNotify) g_bytes_unref);
  g_clear_object (&rig->modem->held);
  WAIT_FOR (rig->answer != NULL);
  assert_int_equal (rig->modem->n_envelopes, 2);
}

#define TEST(function) cmocka_unit_test_setup_teardown (function, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    TEST (test_card_answers_in_a_short_message),
    TEST (test_card_answers_in_the_response_to_the_envelope),
    TEST (test_packet_waits_for_the_word_on_a_segment_of_a_cancelled_one),
    TEST (test_card_puts_a_long_packet_together_and_answers_in_several_messages),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
