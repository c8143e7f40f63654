/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Data objects as a tree, of which objects are inserted, deleted, doubled, swapped, moved, wrapped, resized and
 * renamed; then it is written with lengths that are right, or wrong in one place. What looks like a sequence of objects
 * is taken for one. What can't be read as an object stays as it is, in a node without a tag.
 */

#include <string.h>

#include "mutate.h"

#define DEPTH_MAX 6
#define TAG_MAX 4
#define CHANGES_MAX 3
#define WRONG_LENGTH_ONE_IN 12
#define COMPREHENSION_REQUIRED 0x80
#define CONSTRUCTED 0x20
#define TAG_COMMAND_DETAILS 0x01
#define COMMAND_DETAILS_SIZE 3
#define LENGTH_INDEFINITE 0x80

/* How a length is written: as short as possible, by at least so many octets after the first one, or by its end */
#define FORM_SHORTEST 0
#define FORM_OCTETS_MAX 3
#define FORM_INDEFINITE 4

typedef enum
{
  CODEC_BER, /* and COMPREHENSION-TLV */
  CODEC_QMI,
} Codec;

/* One object; it has @children or a @value. */
typedef struct
{
  guint8 tag[TAG_MAX];
  gsize tag_size;
  guint form;
  gint surplus; /* what the length says too much */
  GPtrArray *children;
  GByteArray *value;
} Node;

/* Objects of commands, responses, envelopes (TS 102 223 §8) and scripts (TS 102 226 §5.2.1) */
static const char *const known_objects[] = {
  "8103012100",
  "82028182",
  "82028281",
  "82028121",
  "82022181",
  "8301 00",
  "8302 3A01",
  "3501 03",
  "350702030403041F02",
  "3902 0400",
  "3C03 011F90",
  "3C03 020035",
  "3E05 21C0000201",
  "3E11 5720010DB8000000000000000000000001",
  "3E01 21",
  "470906746573740361706E",
  "0D05 0475736572",
  "3602 0102",
  "B700",
  "3701 FF",
  "3802 8100",
  "3802 4105",
  "2401 01",
  "2503 000100",
  "1902 090A",
  "1901 03",
  "1207 013F002FE20000",
  "8402 0105",
  "8B0A 0100099110325476F800",
  "860791947191715600",
  "1307 62F2100001000A",
  "9B01 00",
  "9F10 00",
  "85024142",
  "220580CA008500",
  "2208 80F24002024F0000",
  "22 0E 80EC010009 350103 39020400 3C00",
  "22 0C 80EC010107 410731323334353637",
  "8101 01",
  "810981030121008202 8182",
  "8201 00",
  "8301 01",
  "8301 03",
  "AA00",
  "230290 00",
  "230469856A88",
  "80020001",
  "900101",
  "0000",
};

/* Of proactive commands, TS 102 223 §9.4 */
static const guint8 command_types[]
    = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x20, 0x21, 0x22,
        0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x40, 0x41,
        0x42, 0x43, 0x44, 0x45, 0x46, 0x50, 0x60, 0x61, 0x62, 0x63, 0x70, 0x73, 0x81 };

static const guint limit_sizes[] = { 0, 1, 2, 5, 126, 127, 128, 237, 255, 256, 257 };

static GPtrArray *read_nodes (EaReader *reader, Codec codec, guint depth, gboolean is_indefinite);

static void
node_free (gpointer pointer)
{
  Node *node = pointer;

  g_clear_pointer (&node->children, g_ptr_array_unref);
  g_clear_pointer (&node->value, g_byte_array_unref);
  g_free (node);
}

static GByteArray *
copy_span (EaSpan span)
{
  return g_byte_array_append (g_byte_array_new (), span.data, (guint) span.size);
}

static Node *
node_new_raw (EaSpan value)
{
  Node *node = g_new0 (Node, 1);

  node->value = copy_span (value);
  return node;
}

static void
read_tag (EaReader *reader, Node *node)
{
  guint8 octet = ea_reader_u8 (reader);

  node->tag[node->tag_size++] = octet;
  if ((octet & 0x1F) != 0x1F)
    return;
  do
    {
      octet = ea_reader_u8 (reader);
      node->tag[node->tag_size++] = octet;
    }
  while ((octet & 0x80) != 0 && node->tag_size < TAG_MAX);
}

/* FALSE when there is no length that can be read; the form is noted. */
static gboolean
read_length (EaReader *reader, Node *node, gsize *out)
{
  guint8 first = ea_reader_u8 (reader);
  gsize length = 0;

  if (first < 0x80)
    *out = first;
  else if (first == LENGTH_INDEFINITE)
    node->form = FORM_INDEFINITE;
  else if (first - 0x80 > FORM_OCTETS_MAX)
    return FALSE;
  else
    {
      for (guint i = first - 0x80u; i > 0; i--)
        length = length << 8 | ea_reader_u8 (reader);
      node->form = first - 0x80u;
      *out = length;
    }
  return ea_reader_is_ok (reader);
}

/* Children if the whole of @value reads as such */
static GPtrArray *
read_children (EaSpan value, Codec codec, guint depth)
{
  g_autoptr (GPtrArray) children = NULL;
  EaReader reader;
  Node *last;

  if (value.size < 2 || depth == DEPTH_MAX)
    return NULL;
  ea_reader_init (&reader, value);
  children = read_nodes (&reader, codec, depth, FALSE);
  last = g_ptr_array_index (children, children->len - 1);
  return last->tag_size > 0 ? g_steal_pointer (&children) : NULL;
}

static Node *
read_ber (EaReader *reader, guint depth)
{
  Node *node = g_new0 (Node, 1);
  gsize size = 0;
  EaSpan value;

  read_tag (reader, node);
  if (!read_length (reader, node, &size) || (node->form == FORM_INDEFINITE && depth == DEPTH_MAX))
    {
      node_free (node);
      return NULL;
    }
  if (node->form == FORM_INDEFINITE)
    {
      node->children = read_nodes (reader, CODEC_BER, depth + 1, TRUE);
      return node;
    }
  value = ea_reader_bytes (reader, size);
  if ((*node->tag & CONSTRUCTED) != 0 || (*node->tag & 0xF0) == 0xD0 || *node->tag == 0x81)
    node->children = read_children (value, CODEC_BER, depth + 1);
  if (node->children == NULL)
    node->value = copy_span (value);
  return node;
}

static Node *
read_qmi (EaReader *reader)
{
  Node *node = g_new0 (Node, 1);

  node->tag[node->tag_size++] = ea_reader_u8 (reader);
  node->value = copy_span (ea_reader_bytes (reader, ea_reader_u16le (reader)));
  return node;
}

/* What is left when an object can't be read becomes a node without a tag; an indefinite length ends with 00 00. */
static GPtrArray *
read_nodes (EaReader *reader, Codec codec, guint depth, gboolean is_indefinite)
{
  GPtrArray *nodes = g_ptr_array_new_with_free_func (node_free);

  while (ea_reader_remaining (reader) > 0)
    {
      EaReader before = *reader;
      Node *node;

      if (is_indefinite && ea_reader_remaining (reader) >= 2 && ea_reader_u16be (reader) == 0)
        return nodes;
      *reader = before;
      node = codec == CODEC_BER ? read_ber (reader, depth) : read_qmi (reader);
      if (node != NULL && ea_reader_is_ok (reader))
        {
          g_ptr_array_add (nodes, node);
          continue;
        }
      g_clear_pointer (&node, node_free);
      *reader = before;
      g_ptr_array_add (nodes, node_new_raw (ea_reader_rest (reader)));
    }
  return nodes;
}

static void
write_octets (GByteArray *out, gsize value, guint n_octets)
{
  for (guint i = n_octets; i > 0; i--)
    {
      guint8 octet = (guint8) (value >> 8 * (i - 1));

      g_byte_array_append (out, &octet, 1);
    }
}

static void
write_length (GByteArray *out, gsize length, guint form, Codec codec)
{
  guint least = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
  guint n_octets = MAX (form, least);

  if (codec == CODEC_QMI)
    write_octets (out, (length & 0xFF) << 8 | (length >> 8 & 0xFF), 2);
  else if (form == FORM_INDEFINITE)
    write_octets (out, LENGTH_INDEFINITE, 1);
  else
    {
      if (n_octets > 0)
        write_octets (out, 0x80 | n_octets, 1);
      write_octets (out, length, MAX (n_octets, 1));
    }
}

static void
write_nodes (GByteArray *out, const GPtrArray *nodes, Codec codec)
{
  for (guint i = 0; i < nodes->len; i++)
    {
      const Node *node = g_ptr_array_index (nodes, i);
      g_autoptr (GByteArray) value = g_byte_array_new ();

      if (node->children != NULL)
        write_nodes (value, node->children, codec);
      else
        g_byte_array_append (value, node->value->data, node->value->len);
      if (node->tag_size > 0)
        {
          g_byte_array_append (out, node->tag, (guint) node->tag_size);
          write_length (out, (gsize) MAX ((gint) value->len + node->surplus, 0), node->form, codec);
        }
      g_byte_array_append (out, value->data, value->len);
      if (node->tag_size > 0 && node->form == FORM_INDEFINITE)
        write_octets (out, 0, 2);
    }
}

static Node *
node_copy (const Node *node, Codec codec)
{
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  g_autoptr (GByteArray) written = g_byte_array_new ();
  g_autoptr (GPtrArray) read = NULL;
  EaReader reader;

  g_ptr_array_add (one, (gpointer) node);
  write_nodes (written, one, codec);
  ea_reader_init (&reader, ea_span_from_array (written));
  read = read_nodes (&reader, codec, 0, FALSE);
  return read->len > 0 ? g_ptr_array_steal_index (read, 0) : node_new_raw (EA_SPAN_EMPTY);
}

/* All sequences of the tree, the outermost first. */
static void
collect (GPtrArray *sequences, GPtrArray *nodes)
{
  g_ptr_array_add (sequences, nodes);
  for (guint i = 0; i < nodes->len; i++)
    {
      Node *node = g_ptr_array_index (nodes, i);

      if (node->children != NULL)
        collect (sequences, node->children);
    }
}

static GPtrArray *
choose_sequence (GPtrArray *nodes, FuzzRandom *random)
{
  g_autoptr (GPtrArray) sequences = g_ptr_array_new ();

  collect (sequences, nodes);
  return g_ptr_array_index (sequences, fuzz_random_below (random, sequences->len));
}

/* (nullable): of an empty sequence */
static Node *
choose_node (GPtrArray *sequence, FuzzRandom *random)
{
  if (sequence->len == 0)
    return NULL;
  return g_ptr_array_index (sequence, fuzz_random_below (random, sequence->len));
}

/* @node is consumed. */
static void
insert_node (GPtrArray *sequence, Node *node, FuzzRandom *random)
{
  g_ptr_array_insert (sequence, (gint) fuzz_random_below (random, sequence->len + 1), node);
}

static Node *
make_known (Codec codec, FuzzRandom *random)
{
  const char *hex = known_objects[fuzz_random_below (random, G_N_ELEMENTS (known_objects))];
  g_autoptr (GBytes) bytes = ea_bytes_from_hex (hex, NULL);
  Node *node;
  EaReader reader;

  g_assert (bytes != NULL);
  ea_reader_init (&reader, ea_span_from_bytes (bytes));
  node = read_ber (&reader, 0);
  if (codec == CODEC_QMI && node->tag_size > 1)
    node->tag_size = 1;
  return node;
}

static void
resize_value (Node *node, FuzzRandom *random)
{
  guint before = node->value->len;
  guint size = limit_sizes[fuzz_random_below (random, G_N_ELEMENTS (limit_sizes))];

  g_byte_array_set_size (node->value, size);
  if (size > before)
    memset (node->value->data + before, 'A', size - before);
}

/* A command's type rather than another octet, now and then */
static void
change_value (Node *node, FuzzRandom *random)
{
  if (node->children != NULL)
    return;
  if ((*node->tag & ~COMPREHENSION_REQUIRED) == TAG_COMMAND_DETAILS
      && node->value->len == COMMAND_DETAILS_SIZE && fuzz_random_one_in (random, 2))
    node->value->data[1] = command_types[fuzz_random_below (random, G_N_ELEMENTS (command_types))];
  else if (fuzz_random_one_in (random, 4))
    resize_value (node, random);
  else
    fuzz_mutate_bytes (node->value);
}

static void
change_tag (Node *node, FuzzRandom *random)
{
  if (fuzz_random_one_in (random, 2))
    node->tag[0] ^= COMPREHENSION_REQUIRED;
  else if (fuzz_random_one_in (random, 2))
    node->tag[0] = (guint8) fuzz_random_below (random, 256);
  else
    node->tag[node->tag_size > 0 ? node->tag_size - 1 : 0]
        += (guint8) (fuzz_random_below (random, 5) - 2);
}

/* Puts the object at @index into a new one around it. */
static void
wrap_node (GPtrArray *sequence, guint index, FuzzRandom *random)
{
  static const guint8 tags[] = { 0xAA, 0xAE, 0xAB, 0xAF, 0xD0, 0xD1, 0x22, 0x23, 0x81 };
  Node *node = g_new0 (Node, 1);

  node->tag[node->tag_size++] = tags[fuzz_random_below (random, G_N_ELEMENTS (tags))];
  node->form = fuzz_random_one_in (random, 3) ? FORM_INDEFINITE : FORM_SHORTEST;
  node->children = g_ptr_array_new_with_free_func (node_free);
  g_ptr_array_add (node->children, g_ptr_array_steal_index (sequence, index));
  g_ptr_array_insert (sequence, (gint) index, node);
}

static void
change_length (GPtrArray *nodes, FuzzRandom *random)
{
  Node *node = choose_node (choose_sequence (nodes, random), random);

  if (node == NULL)
    return;
  if (fuzz_random_one_in (random, 2))
    node->surplus = fuzz_random_one_in (random, 2) ? 1 : -1;
  else if (fuzz_random_one_in (random, 2))
    node->surplus = (gint) fuzz_random_below (random, 0x10000);
  else
    node->form = fuzz_random_below (random, FORM_INDEFINITE + 1);
  if (node->form == FORM_INDEFINITE && node->children == NULL && node->value->len == 0)
    node->form = FORM_SHORTEST;
}

static void
swap_nodes (GPtrArray *sequence, FuzzRandom *random)
{
  guint a = fuzz_random_below (random, sequence->len);
  guint b = fuzz_random_below (random, sequence->len);
  gpointer node = sequence->pdata[a];

  sequence->pdata[a] = sequence->pdata[b];
  sequence->pdata[b] = node;
}

/* An object of this sequence or of another is there once more. */
static void
insert_copy (GPtrArray *sequence, GPtrArray *from, Codec codec, FuzzRandom *random)
{
  const Node *node = choose_node (from, random);

  if (node != NULL)
    insert_node (sequence, node_copy (node, codec), random);
}

static void
change (GPtrArray *nodes, Codec codec, FuzzRandom *random)
{
  GPtrArray *sequence = choose_sequence (nodes, random);
  guint index;

  if (sequence->len == 0 || fuzz_random_one_in (random, 6))
    {
      insert_node (sequence, make_known (codec, random), random);
      return;
    }
  index = fuzz_random_below (random, sequence->len);
  switch (fuzz_random_below (random, 10))
    {
    case 0:
      g_ptr_array_remove_index (sequence, index);
      break;
    case 1:
      insert_copy (sequence, sequence, codec, random);
      break;
    case 2:
      insert_copy (sequence, choose_sequence (nodes, random), codec, random);
      break;
    case 3:
      swap_nodes (sequence, random);
      break;
    case 4:
      if (codec == CODEC_BER)
        wrap_node (sequence, index, random);
      break;
    case 5:
      change_tag (g_ptr_array_index (sequence, index), random);
      break;
    case 6:
      insert_node (choose_sequence (nodes, random), make_known (codec, random), random);
      break;
    default:
      change_value (g_ptr_array_index (sequence, index), random);
      break;
    }
}

static GPtrArray *
read_all (EaSpan input, Codec codec)
{
  EaReader reader;

  ea_reader_init (&reader, input);
  return read_nodes (&reader, codec, 0, FALSE);
}

static GByteArray *
mutate (EaSpan input, EaSpan other, Codec codec, FuzzRandom *random)
{
  GByteArray *out = g_byte_array_new ();
  g_autoptr (GPtrArray) nodes = NULL;
  g_autoptr (GPtrArray) donors = NULL;

  nodes = read_all (input, codec);
  donors = read_all (other, codec);
  if (donors->len > 0)
    insert_copy (choose_sequence (nodes, random), choose_sequence (donors, random), codec, random);
  for (guint i = fuzz_random_below (random, CHANGES_MAX) + 1; i > 0; i--)
    change (nodes, codec, random);
  if (fuzz_random_one_in (random, WRONG_LENGTH_ONE_IN))
    change_length (nodes, random);
  write_nodes (out, nodes, codec);
  return out;
}

GByteArray *
fuzz_mutate_tlv (EaSpan input, EaSpan other, FuzzRandom *random)
{
  return mutate (input, other, CODEC_BER, random);
}

GByteArray *
fuzz_mutate_qmi (EaSpan input, EaSpan other, FuzzRandom *random)
{
  return mutate (input, other, CODEC_QMI, random);
}
