/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SCP03t objects in blocks of STORE DATA, GlobalPlatform Card Specification §11.11. One block is made at a time. What
 * an object says is for the two ends of its secure channel alone.
 */

#include "core/sgp02-carriage.h"

#include "core/script.h"

#define CLA_STORE_DATA 0x80

/* The block with what is left of the object. */
static void
make_block (EaSgp02Carriage *self)
{
  EaSpan data = ea_span_head (self->rest, EA_APDU_DATA_MAX);
  EaApduCommand command = {
    .cla = CLA_STORE_DATA,
    .ins = EA_APDU_INS_STORE_DATA,
    .p1 = data.size < self->rest.size ? EA_SGP02_CARRIAGE_MORE : EA_SGP02_CARRIAGE_LAST,
    .p2 = self->number,
    .data = data,
    .ne = EA_APDU_NE_MAX,
  };

  self->block = ea_apdu_build_command (&command);
  self->rest = ea_span_tail (self->rest, data.size);
  self->number++;
}

void
ea_sgp02_carriage_init (EaSgp02Carriage *self, EaSpan object)
{
  *self = (EaSgp02Carriage){ .rest = object };
  make_block (self);
}

void
ea_sgp02_carriage_clear (EaSgp02Carriage *self)
{
  self->rest = EA_SPAN_EMPTY;
  g_clear_pointer (&self->block, g_bytes_unref);
}

EaSpan
ea_sgp02_carriage_get_block (const EaSgp02Carriage *self)
{
  return self->block != NULL ? ea_span_from_bytes (self->block) : EA_SPAN_EMPTY;
}

static EaSgp02CarriageAnswer
judge (const EaSgp02Carriage *self, const EaApduResponse *response)
{
  EaScriptObject object;

  if (response->sw != EA_APDU_SW_OK && !ea_apdu_is_proactive (response->sw))
    return EA_SGP02_CARRIAGE_STATUS;
  if (self->rest.size > 0)
    return EA_SGP02_CARRIAGE_GOES_ON;
  return ea_script_parse_sealed_response (&object, response->data) ? EA_SGP02_CARRIAGE_SEALED
                                                                   : EA_SGP02_CARRIAGE_STATUS;
}

EaSgp02CarriageAnswer
ea_sgp02_carriage_push (EaSgp02Carriage *self, const EaApduResponse *response)
{
  EaSgp02CarriageAnswer answer = judge (self, response);

  g_clear_pointer (&self->block, g_bytes_unref);
  if (answer == EA_SGP02_CARRIAGE_GOES_ON)
    make_block (self);
  else
    self->rest = EA_SPAN_EMPTY;
  return answer;
}
