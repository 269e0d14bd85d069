// Checks logs with golang.org/x/mod/sumdb, which shares no line with witting: one JSON case a line in, one JSON answer a line out.
package main

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Case is a log as witting sees it; bytes are base64.
type Case struct {
	Entries     [][]byte // all of them
	Key         string   // verifier key
	Checkpoint  string   // signed, of all entries
	Index       int64    // whose inclusion is proven
	Inclusion   [][]byte
	Old         int64 // size that consistency is proven from
	OldRoot     []byte
	Consistency [][]byte
	Tiles       map[string][]byte // by level and place, as wide as they are
}

// Answer is what Go says; Wrong is empty when it agrees.
type Answer struct {
	Wrong string
	Key   string // of a note that Go signed
	Note  string
}

func hashes(raw [][]byte) []tlog.Hash {
	var all []tlog.Hash
	for _, one := range raw {
		var hash tlog.Hash
		copy(hash[:], one)
		all = append(all, hash)
	}
	return all
}

func same(ours []tlog.Hash, theirs []tlog.Hash) bool {
	if len(ours) != len(theirs) {
		return false
	}
	for place := range ours {
		if ours[place] != theirs[place] {
			return false
		}
	}
	return true
}

func check(c Case) error {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, index := range indexes {
			found = append(found, stored[index])
		}
		return found, nil
	})
	for number, entry := range c.Entries {
		more, err := tlog.StoredHashes(int64(number), entry, reader)
		if err != nil {
			return err
		}
		stored = append(stored, more...)
	}
	size := int64(len(c.Entries))
	root, err := tlog.TreeHash(size, reader)
	if err != nil {
		return err
	}
	verifier, err := note.NewVerifier(c.Key)
	if err != nil {
		return fmt.Errorf("key: %v", err)
	}
	opened, err := note.Open([]byte(c.Checkpoint), note.VerifierList(verifier))
	if err != nil {
		return fmt.Errorf("note: %v", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if lines[1] != fmt.Sprint(size) || lines[2] != base64.StdEncoding.EncodeToString(root[:]) {
		return fmt.Errorf("checkpoint says another size or root")
	}
	inclusion, consistency := hashes(c.Inclusion), hashes(c.Consistency)
	if err := tlog.CheckRecord(inclusion, size, root, c.Index, tlog.RecordHash(c.Entries[c.Index])); err != nil {
		return fmt.Errorf("inclusion: %v", err)
	}
	if own, err := tlog.ProveRecord(size, c.Index, reader); err != nil || !same(own, inclusion) {
		return fmt.Errorf("inclusion is proven otherwise: %v", err)
	}
	var old tlog.Hash
	copy(old[:], c.OldRoot)
	if err := tlog.CheckTree(consistency, size, root, c.Old, old); err != nil {
		return fmt.Errorf("consistency: %v", err)
	}
	if own, err := tlog.ProveTree(size, c.Old, reader); err != nil || !same(own, consistency) {
		return fmt.Errorf("consistency is proven otherwise: %v", err)
	}
	longest := map[string]int{}
	for _, tile := range tlog.NewTiles(8, 0, size) { // every width that a tile ever had, the last one last
		data, err := tlog.ReadTileData(tile, reader)
		name := strings.SplitN(strings.TrimPrefix(tile.Path(), "tile/8/"), ".p/", 2)[0]
		if err != nil || !strings.HasPrefix(string(c.Tiles[name]), string(data)) {
			return fmt.Errorf("tile %s is another: %v", name, err)
		}
		longest[name] = len(data)
	}
	for name, data := range c.Tiles {
		if longest[name] != len(data) {
			return fmt.Errorf("tile %s has another length", name)
		}
	}
	return nil
}

func signed(text string) (key string, result string, err error) {
	secret, key, err := note.GenerateKey(rand.Reader, "go.example.org/log")
	if err != nil {
		return "", "", err
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return "", "", err
	}
	data, err := note.Sign(&note.Note{Text: text}, signer)
	return key, string(data), err
}

func main() {
	input, output := bufio.NewReaderSize(os.Stdin, 1<<20), json.NewEncoder(os.Stdout)
	cases := json.NewDecoder(input)
	for cases.More() {
		var c Case
		if err := cases.Decode(&c); err != nil {
			panic(err)
		}
		var answer Answer
		if err := check(c); err != nil {
			answer.Wrong = err.Error()
		} else {
			root := strings.SplitN(c.Checkpoint, "\n\n", 2)[0]
			answer.Key, answer.Note, err = signed(root + "\n")
			if err != nil {
				answer.Wrong = err.Error()
			}
		}
		if err := output.Encode(answer); err != nil {
			panic(err)
		}
	}
}
