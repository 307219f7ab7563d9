package cqlclient

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/widerow/widerow/schema"
)

// marker divides the comment of a table. The user's comment is before the last marker. The definition of the family is behind the
// last marker, as JSON without line breaks.
const marker = "\n--widerow:"

// definitionVersion is the version of the JSON. A definition of a later version is refused, since an alteration would lose the
// fields that this version does not know.
const definitionVersion = 1

// definition is the content of the comment of a table of ours.
type definition struct {
	// Family is the definition of the family without its keyspace, name and comment: the table stores these three.
	Family *schema.Family
	// Shadows are the static columns of the indexed columns, by the bytes of the indexed columns' names.
	Shadows map[string]string
}

// stored is the JSON of a definition.
type stored struct {
	Version int               `json:"v"`
	Family  json.RawMessage   `json:"family"`
	Shadows map[string]string `json:"shadows,omitempty"` // by the name in hex digits
}

// comment returns the comment of the table.
func (d *definition) comment() (string, error) {
	family := *d.Family
	family.Keyspace, family.Name, family.Comment = "", "", ""
	s := stored{Version: definitionVersion}
	var err error
	if s.Family, err = compactJSON(&family); err != nil {
		return "", err
	}
	for name, shadow := range d.Shadows {
		if s.Shadows == nil {
			s.Shadows = map[string]string{}
		}
		s.Shadows[hex.EncodeToString([]byte(name))] = shadow
	}
	text, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	return d.Family.Comment + marker + string(text), nil
}

// parseComment returns the user's comment and the definition behind it. The definition is nil if the comment has no marker.
func parseComment(comment string) (user string, d *definition, err error) {
	i := strings.LastIndex(comment, marker)
	if i < 0 {
		return comment, nil, nil
	}
	user = comment[:i]
	var s stored
	if err := json.Unmarshal([]byte(comment[i+len(marker):]), &s); err != nil {
		return user, nil, fmt.Errorf("the definition in the table's comment cannot be read: %w", err)
	}
	if s.Version != definitionVersion {
		return user, nil, fmt.Errorf("the definition in the table's comment has version %d, and this program knows version %d", s.Version, definitionVersion)
	}
	d = &definition{Family: new(schema.Family), Shadows: map[string]string{}}
	if err := json.Unmarshal(s.Family, d.Family); err != nil {
		return user, nil, fmt.Errorf("the definition in the table's comment cannot be read: %w", err)
	}
	d.Family.Keyspace, d.Family.Name, d.Family.Comment = "", "", user
	for digits, shadow := range s.Shadows {
		name, err := hex.DecodeString(digits)
		if err != nil {
			return user, nil, fmt.Errorf("the definition in the table's comment has a shadow of %q, which is not hex digits", digits)
		}
		d.Shadows[string(name)] = shadow
	}
	return user, d, nil
}

// compactJSON returns the JSON of a family without the attributes that are not set. Most attributes are not set.
func compactJSON(family *schema.Family) (json.RawMessage, error) {
	text, err := json.Marshal(family)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return nil, err
	}
	prune(tree)
	return json.Marshal(tree)
}

// prune removes nulls, and attributes that are empty texts, from a tree. It keeps options that are empty texts.
func prune(tree any) {
	switch tree := tree.(type) {
	case map[string]any:
		for name, v := range tree {
			if v == nil || v == "" {
				delete(tree, name)
			} else if !strings.HasSuffix(name, "Options") {
				prune(v)
			}
		}
	case []any:
		for _, v := range tree {
			prune(v)
		}
	}
}
