/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fake-modem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"
#include "wait.h"

typedef struct
{
  GBytes *bytes;
  GError *error;
  guint8 rp_cause;
} Answer;

struct _FakeModem
{
  EaModem parent_instance;

  GQueue answers;
  GPtrArray *diary;
  char *read;
  const char *standard_answer; /* NULL: a failure */
  gboolean tells_network;
  gboolean fails_settling;
  gboolean refuses_repairs;
  char *iccid; /* NULL: it can't be read */
};

G_DEFINE_FINAL_TYPE (FakeModem, fake_modem, EA_TYPE_MODEM)

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_clear_pointer (&answer->bytes, g_bytes_unref);
  g_clear_error (&answer->error);
  g_free (answer);
}

static void G_GNUC_PRINTF (2, 3) note (FakeModem *self, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (self->diary, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

static Answer *
pop_answer (FakeModem *self)
{
  Answer *answer = g_queue_pop_head (&self->answers);

  if (answer == NULL && self->standard_answer != NULL)
    {
      answer = g_new0 (Answer, 1);
      answer->bytes = bytes_of (self->standard_answer);
    }
  if (answer == NULL)
    {
      answer = g_new0 (Answer, 1);
      answer->error = g_error_new_literal (EA_MODEM_ERROR, EA_MODEM_ERROR_FAILED, "no answer");
    }
  return answer;
}

static void
return_bytes (FakeModem *self, GTask *task)
{
  Answer *answer = pop_answer (self);

  if (answer->error != NULL)
    g_task_return_error (task, g_steal_pointer (&answer->error));
  else
    g_task_return_pointer (task, g_steal_pointer (&answer->bytes), (GDestroyNotify) g_bytes_unref);
  answer_free (answer);
  g_object_unref (task);
}

static void
note_bytes (FakeModem *self, const char *what, GBytes *bytes)
{
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (bytes));

  note (self, "%s %s", what, hex);
}

static void
fake_transmit (EaModem *modem, guint channel, GBytes *apdu, GTask *task)
{
  g_autofree char *what = g_strdup_printf ("apdu %u", channel);

  note_bytes (FAKE_MODEM (modem), what, apdu);
  return_bytes (FAKE_MODEM (modem), task);
}

static void
fake_open_channel (EaModem *modem, GBytes *aid, GTask *task)
{
  Answer *answer = pop_answer (FAKE_MODEM (modem));

  note_bytes (FAKE_MODEM (modem), "open", aid);
  if (answer->error != NULL)
    g_task_return_error (task, g_steal_pointer (&answer->error));
  else
    g_task_return_int (task, ea_span_from_bytes (answer->bytes).data[0]);
  answer_free (answer);
  g_object_unref (task);
}

static void
fake_close_channel (EaModem *modem, guint channel, GTask *task)
{
  note (FAKE_MODEM (modem), "close %u", channel);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
fake_send_envelope (EaModem *modem, GBytes *envelope, GTask *task)
{
  note_bytes (FAKE_MODEM (modem), "envelope", envelope);
  return_bytes (FAKE_MODEM (modem), task);
}

static void
fake_send_terminal_response (EaModem *modem, guint32 reference, GBytes *response, GTask *task)
{
  g_autofree char *what = g_strdup_printf ("response %u", reference);

  note_bytes (FAKE_MODEM (modem), what, response);
  return_bytes (FAKE_MODEM (modem), task);
}

static void
fake_send_sms (EaModem *modem, GBytes *message, GTask *task)
{
  Answer *answer = pop_answer (FAKE_MODEM (modem));

  note_bytes (FAKE_MODEM (modem), "sms", message);
  g_task_set_task_data (task, GUINT_TO_POINTER (answer->rp_cause), NULL);
  if (answer->error != NULL)
    g_task_return_error (task, g_steal_pointer (&answer->error));
  else
    g_task_return_boolean (task, TRUE);
  answer_free (answer);
  g_object_unref (task);
}

static void
fake_settle_sms (EaModem *modem, const EaModemSms *sms, gboolean is_accepted, guint8 rp_cause,
                 guint8 tp_cause, GTask *task)
{
  if (is_accepted)
    note (FAKE_MODEM (modem), "accept %u", sms->reference);
  else
    note (FAKE_MODEM (modem), "reject %u %02X %02X", sms->reference, rp_cause, tp_cause);
  if (FAKE_MODEM (modem)->fails_settling)
    g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_TIMEOUT, "as the test says");
  else
    g_task_return_boolean (task, TRUE);
  FAKE_MODEM (modem)->fails_settling = FALSE;
  g_object_unref (task);
}

/* Succeeds, unless the test has the modem refuse. */
static void
return_outcome (FakeModem *self, const char *what, GTask *task)
{
  note (self, "%s", what);
  if (self->refuses_repairs)
    g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED, "as the test says");
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
fake_reset_card (EaModem *modem, GTask *task)
{
  return_outcome (FAKE_MODEM (modem), "reset", task);
}

static void
fake_toggle_radio (EaModem *modem, GTask *task)
{
  return_outcome (FAKE_MODEM (modem), "radio", task);
}

static void
fake_reset (EaModem *modem, GTask *task)
{
  return_outcome (FAKE_MODEM (modem), "restart", task);
}

static void
fake_keep_sms (EaModem *modem, const EaModemSms *sms, GBytes *message, GTask *task)
{
  note_bytes (FAKE_MODEM (modem), "keep", message);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
fake_query_network (EaModem *modem, GTask *task)
{
  note (FAKE_MODEM (modem), "network");
  if (FAKE_MODEM (modem)->tells_network)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED, "no network");
  g_object_unref (task);
}

static void
fake_read_timing_advance (EaModem *modem, GTask *task)
{
  Answer *answer = pop_answer (FAKE_MODEM (modem));

  note (FAKE_MODEM (modem), "timing-advance");
  if (answer->error != NULL)
    g_task_return_error (task, g_steal_pointer (&answer->error));
  else
    g_task_return_int (task, ea_span_from_bytes (answer->bytes).data[0]);
  answer_free (answer);
  g_object_unref (task);
}

static void
fake_read_iccid (EaModem *modem, GTask *task)
{
  const char *iccid = FAKE_MODEM (modem)->iccid;

  note (FAKE_MODEM (modem), "iccid");
  if (iccid != NULL)
    g_task_return_pointer (task, g_strdup (iccid), g_free);
  else
    g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_CARD_ABSENT, "no ICCID");
  g_object_unref (task);
}

static void
fake_read_atr (EaModem *modem, GTask *task)
{
  g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED, "no ATR");
  g_object_unref (task);
}

static void
fake_modem_finalize (GObject *object)
{
  FakeModem *self = FAKE_MODEM (object);

  g_queue_clear_full (&self->answers, answer_free);
  g_ptr_array_unref (self->diary);
  g_free (self->read);
  g_free (self->iccid);
  G_OBJECT_CLASS (fake_modem_parent_class)->finalize (object);
}

static void
fake_modem_class_init (FakeModemClass *klass)
{
  EaModemClass *modem_class = EA_MODEM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fake_modem_finalize;
  modem_class->transmit = fake_transmit;
  modem_class->open_channel = fake_open_channel;
  modem_class->close_channel = fake_close_channel;
  modem_class->send_envelope = fake_send_envelope;
  modem_class->send_terminal_response = fake_send_terminal_response;
  modem_class->send_sms = fake_send_sms;
  modem_class->settle_sms = fake_settle_sms;
  modem_class->keep_sms = fake_keep_sms;
  modem_class->reset_card = fake_reset_card;
  modem_class->toggle_radio = fake_toggle_radio;
  modem_class->reset = fake_reset;
  modem_class->read_iccid = fake_read_iccid;
  modem_class->read_atr = fake_read_atr;
  modem_class->query_network = fake_query_network;
  modem_class->read_timing_advance = fake_read_timing_advance;
}

static void
fake_modem_init (FakeModem *self)
{
  g_queue_init (&self->answers);
  self->diary = g_ptr_array_new_with_free_func (g_free);
}

FakeModem *
fake_modem_new (void)
{
  return g_object_new (FAKE_TYPE_MODEM, NULL);
}

static Answer *
push_answer (FakeModem *self)
{
  Answer *answer = g_new0 (Answer, 1);

  g_queue_push_tail (&self->answers, answer);
  return answer;
}

void
fake_modem_answer (FakeModem *self, const char *hex)
{
  push_answer (self)->bytes = bytes_of (hex);
}

void
fake_modem_fail (FakeModem *self, EaModemError code)
{
  push_answer (self)->error = g_error_new (EA_MODEM_ERROR, (int) code, "as the test says");
}

void
fake_modem_answer_all (FakeModem *self, const char *hex)
{
  self->standard_answer = hex;
}

void
fake_modem_refuse_sms (FakeModem *self, guint8 rp_cause)
{
  Answer *answer = push_answer (self);

  answer->rp_cause = rp_cause;
  answer->error = g_error_new_literal (EA_MODEM_ERROR, EA_MODEM_ERROR_NETWORK, "refused");
}

void
fake_modem_fail_settling (FakeModem *self)
{
  self->fails_settling = TRUE;
}

void
fake_modem_refuse_repairs (FakeModem *self)
{
  self->refuses_repairs = TRUE;
}

void
fake_modem_set_iccid (FakeModem *self, const char *iccid)
{
  g_free (self->iccid);
  self->iccid = g_strdup (iccid);
}

const char *
fake_modem_read_diary (FakeModem *self)
{
  g_ptr_array_add (self->diary, NULL);
  g_free (self->read);
  self->read = g_strjoinv ("\n", (char **) self->diary->pdata);
  g_ptr_array_set_size (self->diary, 0);
  return self->read;
}

void
fake_modem_deliver (FakeModem *self, EaModemSmsCustody custody, const char *message_hex)
{
  g_autoptr (GBytes) message = bytes_of (message_hex);
  EaModemSms sms = {
    .custody = custody,
    .reference = 7,
    .has_smsc = custody == EA_MODEM_SMS_STORED,
    .smsc_number = (char *) (custody == EA_MODEM_SMS_STORED ? "" : "+491770610000"),
    .message = message,
  };

  g_signal_emit_by_name (self, "sms-received", &sms);
}

void
fake_modem_want (FakeModem *self, guint32 reference, const char *command_hex)
{
  g_autoptr (GBytes) command = bytes_of (command_hex);
  EaModemProactive proactive = { reference, command };

  g_signal_emit_by_name (self, "proactive-command", &proactive);
}

void
fake_modem_set_network (FakeModem *self, const EaModemNetwork *network)
{
  static const EaModemNetwork unknown = { 0 };

  self->tells_network = network != NULL;
  ea_modem_set_network (EA_MODEM (self), network != NULL ? network : &unknown);
}

void
fake_modem_reject (FakeModem *self, guint8 domain, guint8 cause)
{
  const EaModemNetwork *network = ea_modem_get_network (EA_MODEM (self));
  EaModemRejection rejection = {
    .technology = network->technology,
    .has_area = network->has_area,
    .area_code = network->area_code,
    .domain = domain,
    .cause = cause,
  };

  g_strlcpy (rejection.mcc, network->mcc, sizeof rejection.mcc);
  g_strlcpy (rejection.mnc, network->mnc, sizeof rejection.mnc);
  g_signal_emit_by_name (self, "network-rejected", &rejection);
}

void
fake_modem_end_session (FakeModem *self)
{
  g_signal_emit_by_name (self, "session-ended");
}

void
fake_modem_await (FakeModem *self, guint n_lines)
{
  WAIT_FOR (self->diary->len >= n_lines);
  run_ready ();
}

const char *
fake_modem_await_line (FakeModem *self)
{
  WAIT_FOR (self->diary->len > 0);
  g_free (self->read);
  self->read = g_ptr_array_steal_index (self->diary, 0);
  return self->read;
}
