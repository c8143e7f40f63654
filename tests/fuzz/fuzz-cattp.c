/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A CAT_TP connection (agent/core/cattp.h). The input is a list of steps: PDUs whose fields lie near those of the
 * connection, raw datagrams, SDUs to send, time, and the end. What it says can be read, it never says more than is
 * allowed at once, its deadlines pass, and CLOSED is told once and last.
 */

#include "core/cattp.h"
#include "fuzz.h"

#define OUR_PORT 1
#define PEER_PORT 2
#define OUR_NUMBER 0xFFFE
#define PEER_NUMBER 0x7FFE
#define WINDOW 10
#define STEP_US (20 * 1000)
#define PDUS_AT_ONCE_MAX (EA_CATTP_WINDOW_MAX + 32)
#define N_STEPS_MAX 4096

/* First octet: the side that the machine is on */
#define IS_PASSIVE 0x01

/* High half of the first octet of a step; the low half is up to it */
typedef enum
{
  STEP_PDU,
  STEP_NEXT_PDU, /* the next number, the last acknowledged */
  STEP_RAW,
  STEP_SEND,
  STEP_PASS,
  STEP_DEADLINE,
  STEP_CLOSE,
  STEP_ABORT,
  STEP_KEEP_EVENTS,
  N_STEPS,
} Step;

typedef struct
{
  EaCattp *machine;
  gint64 now_us;
  guint16 said;    /* the highest number that the machine has sent */
  guint16 current; /* of the peer */
  gboolean keeps_events;
  gboolean is_closed;
  guint n_sent;
  guint n_delivered;
} Run;

static void
take_event (Run *run, const EaCattpEvent *event)
{
  FUZZ_CLAIM (!run->is_closed);
  switch (event->type)
    {
    case EA_CATTP_EVENT_OPENED:
      FUZZ_CLAIM (event->bytes != NULL && event->max_pdu >= EA_CATTP_PDU_SIZE_MIN);
      return;
    case EA_CATTP_EVENT_SDU:
      FUZZ_CLAIM (g_bytes_get_size (event->bytes) <= 2048);
      return;
    case EA_CATTP_EVENT_DELIVERED:
      FUZZ_CLAIM (++run->n_delivered <= run->n_sent);
      return;
    case EA_CATTP_EVENT_CLOSED:
      FUZZ_CLAIM (event->n_undelivered + run->n_delivered == run->n_sent);
      run->is_closed = TRUE;
      return;
    }
}

static void
take_pdus (Run *run)
{
  guint n_pdus = 0;
  GBytes *bytes;

  while ((bytes = ea_cattp_pull_pdu (run->machine, run->now_us)) != NULL)
    {
      EaCattpPdu pdu;

      FUZZ_CLAIM (ea_cattp_pdu_parse (&pdu, ea_span_from_bytes (bytes), NULL));
      FUZZ_CLAIM (pdu.is_checksum_good && pdu.version == EA_CATTP_VERSION);
      FUZZ_CLAIM (pdu.window <= WINDOW);
      FUZZ_CLAIM (++n_pdus <= PDUS_AT_ONCE_MAX);
      if (pdu.data.size > 0 || (pdu.flags & (EA_CATTP_FLAG_NUL | EA_CATTP_FLAG_SYN)) != 0)
        run->said = pdu.sequence;
      g_bytes_unref (bytes);
    }
}

static void
pump (Run *run)
{
  EaCattpEvent event;

  take_pdus (run);
  while (!run->keeps_events && ea_cattp_pull_event (run->machine, &event))
    {
      take_event (run, &event);
      ea_cattp_event_clear (&event);
    }
  take_pdus (run);
}

/* A PDU, with the members that its flags want. */
static void
hear (Run *run, guint8 flags, guint16 sequence, guint16 acknowledgement, EaReader *reader)
{
  const guint8 numbers[]
      = { (guint8) ((acknowledgement + 2) >> 8), (guint8) (acknowledgement + 2) };
  EaCattpPdu pdu = { .flags = flags & 0xFC,
                     .version = (flags & 0x03) == 0x03 ? 1 : 0,
                     .source_port = PEER_PORT,
                     .destination_port = OUR_PORT,
                     .sequence = sequence,
                     .acknowledgement = acknowledgement,
                     .window = ea_reader_peek_u8 (reader) };
  g_autoptr (GBytes) bytes = NULL;

  if ((flags & EA_CATTP_FLAG_SYN) != 0)
    pdu.max_pdu = ea_reader_u8 (reader);
  if ((flags & EA_CATTP_FLAG_EAK) != 0)
    pdu.extended_acknowledgements = EA_SPAN_OF_ARRAY (numbers);
  if ((flags & EA_CATTP_FLAG_RST) != 0)
    pdu.reset_reason = ea_reader_u8 (reader);
  if ((flags & (EA_CATTP_FLAG_SYN | EA_CATTP_FLAG_RST | EA_CATTP_FLAG_NUL)) == 0)
    pdu.data = ea_reader_bytes (reader,
                                MIN (ea_reader_u8 (reader) & 0x1F, ea_reader_remaining (reader)));
  bytes = ea_cattp_pdu_build (&pdu, NULL);
  if (bytes != NULL)
    ea_cattp_receive (run->machine, ea_span_from_bytes (bytes), run->now_us);
}

static void
hear_next (Run *run, EaReader *reader)
{
  guint8 flags = ea_reader_u8 (reader);

  if ((flags & EA_CATTP_FLAG_NUL) != 0 || (flags & EA_CATTP_FLAG_SYN) == 0)
    run->current++;
  hear (run, flags, run->current, run->said, reader);
}

static void
pass_deadline (Run *run)
{
  gint64 deadline_us = ea_cattp_deadline (run->machine);

  if (deadline_us == EA_CATTP_NEVER)
    return;
  FUZZ_CLAIM (deadline_us > run->now_us);
  run->now_us = deadline_us;
  ea_cattp_tick (run->machine, run->now_us);
}

static void
send_sdu (Run *run, gsize size)
{
  g_autoptr (GBytes) sdu = g_bytes_new_take (g_malloc0 (size), size);

  run->n_sent += ea_cattp_send (run->machine, sdu, run->now_us, NULL) ? 1 : 0;
}

static void
take_step (Run *run, EaReader *reader)
{
  guint8 head = ea_reader_u8 (reader);
  guint8 low = head & 0x0F;

  switch ((Step) ((head >> 4) % N_STEPS))
    {
    case STEP_PDU:
      hear (run, ea_reader_u8 (reader), (guint16) (run->current + low - 3),
            (guint16) (run->said + (ea_reader_u8 (reader) & 0x0F) - 12), reader);
      break;
    case STEP_NEXT_PDU:
      hear_next (run, reader);
      break;
    case STEP_RAW:
      ea_cattp_receive (
          run->machine,
          ea_reader_bytes (reader, MIN (ea_reader_u8 (reader), ea_reader_remaining (reader))),
          run->now_us);
      break;
    case STEP_SEND:
      send_sdu (run, (gsize) low * low * 10);
      break;
    case STEP_PASS:
      run->now_us += low * STEP_US;
      ea_cattp_tick (run->machine, run->now_us);
      break;
    case STEP_DEADLINE:
      pass_deadline (run);
      break;
    case STEP_CLOSE:
      ea_cattp_close (run->machine, run->now_us);
      break;
    case STEP_ABORT:
      ea_cattp_abort (run->machine, (EaCattpResetReason) (low % 7), run->now_us);
      break;
    case STEP_KEEP_EVENTS:
    case N_STEPS:
      run->keeps_events = !run->keeps_events;
      break;
    }
}

/* Without an answer it comes to an end by itself, if anything is left to be done. */
static void
finish (Run *run)
{
  run->keeps_events = FALSE;
  pump (run);
  for (guint i = 0; ea_cattp_deadline (run->machine) != EA_CATTP_NEVER; i++)
    {
      FUZZ_CLAIM (i < 1000);
      pass_deadline (run);
      pump (run);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  EaCattpParameters parameters = { .source_port = OUR_PORT,
                                   .destination_port = PEER_PORT,
                                   .initial_sequence = OUR_NUMBER,
                                   .max_pdu = 100,
                                   .max_sdu = 2048,
                                   .window = WINDOW };
  Run run = { .now_us = 1, .current = PEER_NUMBER, .said = OUR_NUMBER };
  EaReader reader;

  ea_reader_init (&reader, ea_span_init (data, size));
  run.machine = (ea_reader_u8 (&reader) & IS_PASSIVE) != 0
                    ? ea_cattp_new_passive (&parameters)
                    : ea_cattp_new_active (&parameters, run.now_us);
  pump (&run);
  for (guint i = 0; i < N_STEPS_MAX && ea_reader_remaining (&reader) > 0; i++)
    {
      take_step (&run, &reader);
      pump (&run);
    }
  finish (&run);
  ea_cattp_free (run.machine);
  return 0;
}
