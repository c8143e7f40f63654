/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The few objects of proactive commands that firmware must read itself. */
#include "proactive.h"

#include "card/sim-tlv.h"

#define TAG_PROACTIVE_COMMAND 0xD0
#define TAG_COMMAND_DETAILS 0x01
#define TAG_DEVICE_IDENTITIES 0x02
#define TAG_RESULT 0x03
#define COMPREHENSION_REQUIRED 0x80
#define DEVICE_TERMINAL 0x82
#define DEVICE_UICC 0x81

gboolean
sim_proactive_parse (SimProactive *out, EaSpan command)
{
  SimProactive found = { 0 };
  EaReader reader;
  EaReader value;
  SimTlv details;

  *out = found;
  ea_reader_init (&reader, command);
  if (ea_reader_u8 (&reader) != TAG_PROACTIVE_COMMAND)
    return FALSE;
  (void) sim_tlv_read_length (&reader);
  details = sim_tlv_read_comprehension (&reader);
  found.objects = ea_reader_rest (&reader);
  ea_reader_init (&value, details.value);
  found.number = ea_reader_u8 (&value);
  found.type = ea_reader_u8 (&value);
  found.qualifier = ea_reader_u8 (&value);
  if (!ea_reader_is_ok (&reader) || !ea_reader_done (&value) || details.tag != TAG_COMMAND_DETAILS)
    return FALSE;
  *out = found;
  return TRUE;
}

void
sim_proactive_begin_response (EaWriter *response, const SimProactive *command, SimCatResult result,
                              int additional)
{
  ea_writer_u8 (response, COMPREHENSION_REQUIRED | TAG_COMMAND_DETAILS);
  ea_writer_u8 (response, 3);
  ea_writer_u8 (response, command->number);
  ea_writer_u8 (response, command->type);
  ea_writer_u8 (response, command->qualifier);
  ea_writer_u8 (response, COMPREHENSION_REQUIRED | TAG_DEVICE_IDENTITIES);
  ea_writer_u8 (response, 2);
  ea_writer_u8 (response, DEVICE_TERMINAL);
  ea_writer_u8 (response, DEVICE_UICC);
  ea_writer_u8 (response, COMPREHENSION_REQUIRED | TAG_RESULT);
  ea_writer_u8 (response, additional < 0 ? 1 : 2);
  ea_writer_u8 (response, (guint8) result);
  if (additional >= 0)
    ea_writer_u8 (response, (guint8) additional);
}

gboolean
sim_proactive_read_result (EaSpan terminal_response, guint8 *result)
{
  EaSpan value;
  EaReader reader;

  if (!sim_tlv_find_comprehension (terminal_response, TAG_RESULT, &value) || value.size == 0)
    return FALSE;
  ea_reader_init (&reader, value);
  *result = ea_reader_u8 (&reader);
  return TRUE;
}
